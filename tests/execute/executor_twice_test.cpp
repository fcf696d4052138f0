// SPDX-License-Identifier: MIT
// A call that is claimed while it is still under way here: because its lease has ended, or because
// it was planned anew.
#include "tests/execute/executor_fixture.hpp"

namespace runs_agent::execute {
namespace {

/// Answers come only when the test lets them.
class SlowAnswersTest : public ExecutorTest {
protected:
    SlowAnswersTest() : gate_(context_, asio::steady_timer::time_point::max()) {
        transport_.delay = [this]() -> asio::awaitable<void> {
            if (!open_) co_await gate_.async_wait(asio::as_tuple(asio::use_awaitable));
        };
    }
    ~SlowAnswersTest() override {
        open();
        if (executor_) stop();
    }

    void open() {
        open_ = true;
        gate_.cancel();
    }
    void until_asked() {
        until([this] { return !transport_.requests.empty(); });
    }
    /// Until the call is leased, which its due time tells.
    void until_claimed(const std::string& guid) {
        until([&] { return show(guid).calls.at(0).call.due_at > clock_.now(); });
    }

    asio::steady_timer gate_;
    bool open_ = false;
};

TEST_F(SlowAnswersTest, ACallThatOutlivesItsLeaseIsNotBegunTwice) {
    start();
    plan(1001, {1});
    until_asked();
    clock_.advance(ExecutorOptions().lease + 1ms);
    until_claimed("1001-1");
    EXPECT_EQ(executor_->in_flight(), 1);
    open();
    until([this] { return all_done(); });
    stop();
    EXPECT_EQ(transport_.requests.size(), 1U);
    EXPECT_EQ(show("1001-1").calls[0].tries.size(), 1U);
}

TEST_F(SlowAnswersTest, ACallPlannedAnewWhileUnderWayIsSentRightAfterwards) {
    script_ = [](const net::HttpRequest& request) {
        return answer(200, request.method == "PUT"
                               ? R"({"data":{"runId":"r"}})"
                               : R"({"data":{"runId":"r","completionState":"COMPLETE"}})");
    };
    start();
    plan(1001, {1}, true);
    until_asked();
    plan(1001, {1});
    until_claimed("1001-1");
    const Time begun = clock_.now();
    open();
    until([this] { return all_done(); });
    EXPECT_LT(clock_.now() - begun, 1min);  // not when its lease ends
    ASSERT_EQ(transport_.requests.size(), 2U);
    EXPECT_EQ(transport_.requests[1].method, "PUT");
    EXPECT_EQ(show("1001-1").calls[0].call.outcome, "cancelled run r");
}

}  // namespace
}  // namespace runs_agent::execute
