// SPDX-License-Identifier: MIT
// Where memory runs out. A program of its own, as it replaces the operator new.
#include "tests/net/server/http_server_fixture.hpp"

#include <atomic>
#include <cstdlib>
#include <limits>
#include <new>

namespace {

std::atomic<std::size_t> too_large = std::numeric_limits<std::size_t>::max();

/// While it lives, nobody gets `size` bytes or more at once.
class NoMemoryFrom {
public:
    explicit NoMemoryFrom(std::size_t size) { too_large = size; }
    ~NoMemoryFrom() { too_large = std::numeric_limits<std::size_t>::max(); }
    NoMemoryFrom(const NoMemoryFrom&) = delete;
    NoMemoryFrom& operator=(const NoMemoryFrom&) = delete;
};

}  // namespace

void* operator new(std::size_t size) {
    void* const memory = size < too_large ? std::malloc(size) : nullptr;
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}

namespace runs_agent::net {
namespace {

class HttpServerMemoryTest : public HttpServerTest {};

TEST_F(HttpServerMemoryTest, APromisedBodyTakesNoMemory) {
    start();
    auto body = [this]() -> asio::awaitable<std::string> {
        const NoMemoryFrom limit(1'000'000);
        const std::string promise =
            "POST /n HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\nx";
        tcp::socket slow = co_await connect();
        co_await asio::async_write(slow, asio::buffer(promise), asio::use_awaitable);
        const std::string ask = "GET /n HTTP/1.1\r\nHost: x\r\n\r\n";
        std::string got = co_await talk(ask, "/n 0");
        // Nothing was said to the slow one, whose body may yet come.
        co_return got + (slow.available() == 0 ? " waits" : " refused");
    };
    const std::string got = tests::run(context_, body());
    EXPECT_NE(got.find("/n 0 waits"), std::string::npos) << got;
}

TEST_F(HttpServerMemoryTest, ABodyForWhichThereIsNoMemoryIsRefusedAndTheServerGoesOn) {
    start();
    auto large = talk("POST /n HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n" +
                          std::string(2'000'000, 'x'),
                      "}");
    const NoMemoryFrom limit(1'000'000);
    const std::string got = tests::run(context_, std::move(large));
    EXPECT_NE(got.find(" 503 "), std::string::npos) << got;
    EXPECT_NE(got.find("Retry-After: "), std::string::npos) << got;
    const std::string next =
        tests::run(context_, talk("GET /n HTTP/1.1\r\nHost: x\r\n\r\n", "/n 0"));
    EXPECT_NE(next.find("/n 0"), std::string::npos) << next;
}

TEST_F(HttpServerMemoryTest, AConnectionForWhichThereIsNoMemoryGivesItsSlotBack) {
    ServerOptions options;
    options.max_connections = 1;
    start(options);
    for (std::size_t i = 1; i <= 3; ++i) {
        auto body = [this, i]() -> asio::awaitable<std::string> {
            tcp::socket unlucky(context_);
            {
                const NoMemoryFrom limit(4096);  // as much as a connection reads at first
                co_await unlucky.async_connect(endpoint(), asio::use_awaitable);
                co_await until([this, i] { return errors_.size() == i; });
            }
            co_return co_await talk("GET /n HTTP/1.1\r\nHost: x\r\n\r\n", "/n 0");
        };
        const std::string got = tests::run(context_, body());
        EXPECT_NE(got.find("/n 0"), std::string::npos) << got;
    }
}

}  // namespace
}  // namespace runs_agent::net
