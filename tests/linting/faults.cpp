// SPDX-License-Identifier: MIT
// Faults for script/tidy to find before it believes itself that there are none: each line says
// which check has to report it. Nothing compiles this file.
#include "tests/linting/faults.hpp"

#include "base/error.hpp"

#include <boost/asio/awaitable.hpp>
#include <gtest/gtest.h>

#include <mutex>
#include <string>
#include <utility>
#include <vector>

using std::pair;  // misc-unused-using-decls

namespace runs_agent::linting {

int BadlyNamed();  // readability-identifier-naming

int shadowing(int value) {
    if (value > 1) {
        const int value = 2;  // clang-diagnostic-shadow
        return value;
    }
    return (int)1.5 + value;  // clang-diagnostic-old-style-cast
}

std::size_t moved(std::string text) {
    const std::string taken = std::move(text);
    return taken.size() + text.size();  // bugprone-use-after-move clang-analyzer-cplusplus.Move
}

int freed() {
    const int* const number = new int(1);
    delete number;
    return *number;  // clang-analyzer-cplusplus.NewDelete
}

template <class T>
T* make() {
    return new T();
}

template <class T>
void drop(const T* gone) {
    delete gone;
}

int freed_in_a_template() {
    const int* const number = make<int>();
    drop(number);
    return *number;  // deep: clang-analyzer-cplusplus.NewDelete
}

void copies(const std::vector<Named>& all) {
    for (const auto each : all) {  // performance-for-range-copy
        (void)each;
    }
}

Result<int> fails();
boost::asio::awaitable<Result<int>> fails_later();

boost::asio::awaitable<void> drops_errors() {
    fails();                 // clang-diagnostic-unused-result
    co_await fails_later();  // clang-diagnostic-unused-result
}

boost::asio::awaitable<void> holds(std::mutex& mutex, boost::asio::awaitable<void> other) {
    const std::lock_guard<std::mutex> held(mutex);  // misc-coroutine-hostile-raii
    co_await std::move(other);
}

TEST(Faults, InATest) {
    const auto pointer = std::unique_ptr<int>(new int(1));  // modernize-make-unique
    const char* dangling = nullptr;
    {
        const std::string gone = "gone";
        dangling = gone.c_str();
    }
    EXPECT_EQ(dangling[0], 'g');  // clang-analyzer-cplusplus.InnerPointer
}

}  // namespace runs_agent::linting
