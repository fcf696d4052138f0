// SPDX-License-Identifier: MIT
#include "net/client/resolve.hpp"

#include "tests/run_awaitable.hpp"

#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include <future>

namespace runs_agent::net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

std::chrono::steady_clock::time_point in(std::chrono::milliseconds time) {
    return std::chrono::steady_clock::now() + time;
}

/// A name server that says nothing until it is told to.
class SilentNameServer {
public:
    BlockingResolve ask() {
        const std::shared_ptr<void> leave(nullptr, [left = left_](void*) { left->set_value(); });
        return [this, leave](const std::string&, std::uint16_t) -> Result<Endpoints> {
            asked_.set_value();
            released_.wait();
            return Endpoints(1);
        };
    }
    void wait_until_asked() { asked_.get_future().wait(); }
    void release() { release_.set_value(); }
    /// Has the thread that asked come to its end?
    bool left() { return left_->get_future().wait_for(20s) == std::future_status::ready; }

private:
    std::promise<void> asked_;
    std::promise<void> release_;
    std::shared_future<void> released_ = release_.get_future().share();
    std::shared_ptr<std::promise<void>> left_ = std::make_shared<std::promise<void>>();
};

TEST(LookUp, ReturnsWhatTheSystemSays) {
    asio::io_context context;
    const auto local =
        tests::run(context, resolve(context.get_executor(), "localhost", 80, in(10s)));
    ASSERT_TRUE(local.has_value()) << local.error().message;
    ASSERT_FALSE(local->empty());
    EXPECT_TRUE(local->front().address().is_loopback());
    EXPECT_EQ(local->front().port(), 80);

    const auto none =
        tests::run(context, resolve(context.get_executor(), "no-such.invalid", 80, in(10s)));
    ASSERT_TRUE(none.has_error());
    EXPECT_EQ(none.error().code, Errc::network);
    EXPECT_EQ(none.error().message.rfind("cannot resolve no-such.invalid: ", 0), 0U)
        << none.error().message;
}

TEST(LookUp, AnExceptionIsAnError) {
    asio::io_context context;
    const BlockingResolve broken = [](const std::string&, std::uint16_t) -> Result<Endpoints> {
        throw std::bad_alloc();
    };
    const auto found =
        tests::run(context, resolve(context.get_executor(), "a.example", 80, in(10s), broken));
    ASSERT_TRUE(found.has_error());
    EXPECT_EQ(found.error().code, Errc::network);
}

TEST(LookUp, OneThatHangsHoldsUpNeitherOthersNorTheEnd) {
    SilentNameServer silent;
    {
        asio::io_context context;
        const auto executor = context.get_executor();
        auto late = tests::run(context, resolve(executor, "a.example", 80, in(10ms), silent.ask()));
        ASSERT_TRUE(late.has_error());
        EXPECT_EQ(late.error().code, Errc::timeout);
        EXPECT_EQ(late.error().message.rfind("looking up a.example took too long", 0), 0U)
            << late.error().message;
        const auto other = tests::run(context, resolve(executor, "localhost", 80, in(10s)));
        EXPECT_TRUE(other.has_value());
    }
    silent.release();  // only now: the io_context has ended without it
    EXPECT_TRUE(silent.left());
}

TEST(LookUp, AnAnswerThatComesAfterTheEndIsLost) {
    SilentNameServer silent;
    {
        asio::io_context context;
        asio::co_spawn(context,
                       resolve(context.get_executor(), "a.example", 80, in(60s), silent.ask()),
                       asio::detached);
        context.poll();
        silent.wait_until_asked();
    }
    silent.release();
    EXPECT_TRUE(silent.left());
}

}  // namespace
}  // namespace runs_agent::net
