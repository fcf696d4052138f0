// SPDX-License-Identifier: MIT
#include "runs_server/http/one_by_one.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace runs_agent::runs_server {
namespace {

class OneByOneTest : public testing::Test {
protected:
    /// Takes its turn, and has it until the test ends it.
    void ask(char name) {
        boost::asio::co_spawn(context_, take(name), boost::asio::detached);
        run();
    }
    void run() {
        context_.restart();
        context_.poll();
    }
    void end() {
        turn_.reset();
        run();
    }

    boost::asio::awaitable<void> take(char name) {
        auto turn = co_await turns_.next(bound_);
        had_ += turn ? std::string(1, name) : std::string("(") + name + ")";
        if (turn) turn_.emplace(std::move(*turn));
    }

    std::chrono::milliseconds bound_ = std::chrono::minutes(1);
    boost::asio::io_context context_;
    OneByOne turns_;
    std::optional<OneByOne::Turn> turn_;
    std::string had_;
};

TEST_F(OneByOneTest, OneAtATimeAndWhoWaitedLongestIsNext) {
    for (const char name : {'a', 'b', 'c'}) ask(name);
    EXPECT_EQ(had_, "a");
    end();
    EXPECT_EQ(had_, "ab");
    ask('d');
    EXPECT_EQ(had_, "ab");
    end();
    EXPECT_EQ(had_, "abc");
    end();
    EXPECT_EQ(had_, "abcd");
    end();
    ask('e');
    EXPECT_EQ(had_, "abcde");
}

TEST_F(OneByOneTest, WhoHasWaitedTooLongGoes) {
    ask('a');
    bound_ = std::chrono::milliseconds(1);
    ask('b');
    bound_ = std::chrono::minutes(1);
    ask('c');
    context_.restart();
    while (had_ == "a" && context_.run_one_for(std::chrono::seconds(20)) > 0) {
    }
    EXPECT_EQ(had_, "a(b)");
    end();
    EXPECT_EQ(had_, "a(b)c") << "and its turn is nobody's";
}

}  // namespace
}  // namespace runs_agent::runs_server
