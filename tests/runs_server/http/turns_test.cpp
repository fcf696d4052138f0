// SPDX-License-Identifier: MIT
#include "runs_server/http/turns.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace runs_agent::runs_server {
namespace {

class TurnsTest : public testing::Test {
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
        Turns::Turn turn = co_await turns_.next();
        had_ += name;
        turn_.emplace(std::move(turn));
    }

    boost::asio::io_context context_;
    Turns turns_;
    std::optional<Turns::Turn> turn_;
    std::string had_;
};

TEST_F(TurnsTest, OneAtATimeAndWhoWaitedLongestIsNext) {
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

}  // namespace
}  // namespace runs_agent::runs_server
