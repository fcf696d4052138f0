// SPDX-License-Identifier: MIT
// What must end no process: bugs, a clock that is set back, a host that sleeps. And what is taken
// back at the last moment.
#include "tests/execute/executor_fixture.hpp"

#include <new>
#include <tuple>

namespace runs_agent::execute {
namespace {

net::HttpResponse done() {
    return answer(200, R"({"status":"OK","data":{"runId":"r"}})");
}

bool is_of(const net::HttpRequest& request, const std::string& run_id) {
    return request.body.find('"' + run_id + '"') != std::string::npos;
}

TEST_F(ExecutorTest, ABugInOneCallStopsNoOther) {
    script_ = [](const net::HttpRequest& request) -> Result<net::HttpResponse> {
        if (is_of(request, "666")) throw std::logic_error("a bug");
        return done();
    };
    start();
    plan(666, {1});
    plan(1001, {1});
    until([this] { return show("1001-1").calls[0].call.state == store::CallState::succeeded; });
    EXPECT_TRUE(running_);
    until([this] { return all_done(); });
    EXPECT_EQ(executor_->in_flight(), 0);
    const auto broken = show("666-1").calls[0];
    EXPECT_EQ(broken.call.state, store::CallState::dead);
    EXPECT_NE(broken.call.outcome.find("a mistake of this program: a bug"), std::string::npos)
        << broken.call.outcome;
    ASSERT_EQ(broken.tries.size(), 10U);
    EXPECT_EQ(broken.tries[0].result, "a mistake of this program (a bug)");
    EXPECT_EQ(backlog().dead, 1);
    plan(1002, {1});
    until([this] { return show("1002-1").calls[0].call.state == store::CallState::succeeded; });
}

TEST_F(ExecutorTest, ABugThatPassesLosesNoCall) {
    int throws = 5;
    script_ = [&throws](const auto&) -> Result<net::HttpResponse> {
        if (throws-- > 0) throw std::bad_alloc();
        return done();
    };
    start();
    plan(1001, {1});
    until([this] { return all_done(); });
    EXPECT_EQ(show("1001-1").calls[0].call.outcome, "cancelled run r");
}

TEST_F(ExecutorTest, BugsThatAreNotInARowDoNotAddUp) {
    int asked = 0;
    script_ = [&asked](const auto&) -> Result<net::HttpResponse> {
        // Nine in a row, an answer, and nine more.
        if (++asked == 10) return answer(503);
        if (asked < 20) throw std::bad_alloc();
        return done();
    };
    start();
    plan(1001, {1});
    until([this] { return all_done(); });
    EXPECT_EQ(show("1001-1").calls[0].call.outcome, "cancelled run r");
}

TEST_F(ExecutorTest, WhatBreaksAndIsReplayedHasItsTriesAgain) {
    bool mended = false;
    script_ = [&mended](const auto&) -> Result<net::HttpResponse> {
        if (!mended) throw std::logic_error("a bug");
        return done();
    };
    start();
    plan(1001, {1});
    until([this] { return backlog().dead == 1; });
    ASSERT_EQ(*tests::run(context_, store_->replay("1001-1", clock_.now())), 1);
    until([this] { return show("1001-1").calls[0].tries.size() == 12U; });
    EXPECT_EQ(backlog().dead, 0);
    mended = true;
    until([this] { return all_done(); });
    EXPECT_EQ(show("1001-1").calls[0].call.outcome, "cancelled run r");
}

TEST_F(ExecutorTest, ABugOutsideOfATryEndsNothingEither) {
    bool throws = true;
    ExecutorOptions options;
    executor_.emplace(
        context_.get_executor(), *store_, api_, github_, clock_, log_.log(), metrics_,
        [&throws]() -> double {  // the jitter is asked for after the answer is here
            if (throws) throw std::logic_error("a bug");
            return 0.5;
        },
        options);
    running_ = true;
    asio::co_spawn(context_, executor_->run(), [this](std::exception_ptr) { running_ = false; });
    plan(1001, {1});
    until([this] { return log_.text().find("call.broke_off") != std::string::npos; });
    EXPECT_EQ(executor_->in_flight(), 0);
    throws = false;
    const Time broke = clock_.now();
    until([this] { return all_done(); });
    EXPECT_LE(clock_.now() - broke, options.lease + options.poll);
}

TEST_F(ExecutorTest, ARetryAfterOfDaysIsAskedAgainWithinAnHour) {
    script_ = [](const auto&) {
        net::HttpResponse response = answer(503);
        response.headers.add("Retry-After", "172800");
        return response;
    };
    ExecutorOptions options;
    options.poll = 1h;
    start(options);
    plan(1001, {1});
    const Time planned = clock_.now();
    until([this] { return backlog().dead == 1; });
    const auto call = show("1001-1").calls[0];
    EXPECT_GE(call.tries.size(), 23U);
    EXPECT_LE(call.tries.size(), 26U);
    EXPECT_GT(clock_.now() - planned, 22h);
}

TEST_F(ExecutorTest, AServiceThatAsksToBeLeftAloneIsAskedNothingUntilThen) {
    std::vector<Time> asked;
    script_ = [&](const auto&) {
        asked.push_back(clock_.now());
        net::HttpResponse response = asked.size() == 1 ? answer(429) : done();
        if (asked.size() == 1) response.headers.add("Retry-After", "60");
        return response;
    };
    ExecutorOptions options;
    options.concurrency = 1;
    start(options);
    for (const int run : {1001, 1002, 1003}) plan(run, {1});
    until([this] { return all_done(); });
    ASSERT_EQ(asked.size(), 4U);
    EXPECT_GE(asked[1] - asked[0], 60s) << "a call of another run, too";
    EXPECT_LE(asked[3] - asked[0], 70s);
}

TEST_F(ExecutorTest, AnOutageThatIsToLastAnHourIsLookedAtAfterFiveMinutes) {
    std::vector<Time> asked;
    script_ = [&](const auto&) {
        asked.push_back(clock_.now());
        net::HttpResponse response = asked.size() == 1 ? answer(503) : done();
        if (asked.size() == 1) response.headers.add("Retry-After", "3600");
        return response;
    };
    ExecutorOptions options;
    options.concurrency = 1;
    start(options);
    for (const int run : {1001, 1002}) plan(run, {1});
    until([&] { return asked.size() == 2; });
    EXPECT_GE(asked[1] - asked[0], 5min);
    EXPECT_LE(asked[1] - asked[0], 6min) << "another call finds out";
    until([this] { return all_done(); });
}

TEST_F(ExecutorTest, WhatOneAddressOrKeyAskedForDoesNotHoldForAnother) {
    std::vector<Time> asked;
    std::string service = "Runs API 1";
    script_ = [&](const auto&) {
        asked.push_back(clock_.now());
        net::HttpResponse response = asked.size() == 1 ? answer(429) : done();
        if (asked.size() == 1) response.headers.add("Retry-After", "3600");
        return response;
    };
    ExecutorOptions options;
    options.concurrency = 1;
    options.service = [&service] { return service; };
    start(options);
    for (const int run : {1001, 1002}) plan(run, {1});
    until([&] { return asked.size() == 1 && idle(); });
    service = "Runs API 2";
    until([&] { return asked.size() == 2; });
    EXPECT_LE(asked[1] - asked[0], 1min);
}

TEST_F(ExecutorTest, AHostThatSleptTriesAgainBeforeItGivesUp) {
    script_ = [](const auto&) { return answer(503); };
    ExecutorOptions options;
    options.poll = 10min;
    start(options);
    plan(1001, {1});
    until([this] { return show("1001-1").calls[0].tries.size() == 3U; });
    clock_.advance(48h);
    const Time awake = clock_.now();
    until([this] { return show("1001-1").calls[0].tries.size() > 3U; });
    EXPECT_EQ(backlog().dead, 0);
    until([&] { return clock_.now() - awake > 1h; });
    EXPECT_EQ(backlog().dead, 0);
    script_ = [](const auto&) { return done(); };
    until([this] { return all_done(); });
    EXPECT_EQ(show("1001-1").calls[0].call.state, store::CallState::succeeded);
}

TEST_F(ExecutorTest, AClockThatIsSetBackHoldsNothingUp) {
    int status = 503;
    script_ = [&status](const auto&) { return status == 200 ? done() : answer(status); };
    start();
    plan(1001, {1});
    until([this] { return show("1001-1").calls[0].tries.size() == 3U; });
    status = 200;
    clock_.step(-24h);
    const Time back = clock_.now();
    until([this] { return all_done(); });
    EXPECT_LT(clock_.now() - back, 10s);
    EXPECT_EQ(show("1001-1").calls[0].call.state, store::CallState::succeeded);
}

TEST_F(ExecutorTest, AClockThatIsSetBackDoesNotStopTheProbingOfHeldCalls) {
    int status = 401;
    script_ = [&status](const auto&) { return status == 200 ? done() : answer(status); };
    start();
    plan(1001, {1});
    until([this] { return backlog().held == 1; });
    const auto asked = transport_.requests.size();
    clock_.step(-24h);
    const Time back = clock_.now();
    until([&] { return transport_.requests.size() > asked; });
    EXPECT_LE(clock_.now() - back, 65s);
    status = 200;
    until([this] { return all_done(); });
}

TEST_F(ExecutorTest, WhatAnEarlierProcessPlannedBeforeTheClockWasSetBackIsDone) {
    script_ = [](const auto&) { return answer(503); };
    start();
    plan(1001, {1});
    until([this] { return show("1001-1").calls[0].tries.size() == 3U; });
    stop();
    clock_.step(-24h);
    const Time back = clock_.now();
    script_ = [](const auto&) { return done(); };
    start();
    until([this] { return all_done(); });
    EXPECT_LT(clock_.now() - back, 10s);
}

/// Takes back whatever is planned for a run.
void withdraw(asio::io_context& context, store::Store& store, std::int64_t run_id) {
    store::NewDelivery delivery;
    delivery.guid = "newer";
    delivery.event = "workflow_run";
    WorkflowRun run;
    run.key = {"github.com", run_id};
    run.attempt = 2;
    run.repository = "octo/demo";
    delivery.facts = run;
    asio::co_spawn(
        context,
        [](store::Store& to, store::NewDelivery made) -> asio::awaitable<void> {
            std::ignore = co_await to.accept(std::move(made));
            store::Decider decider = [](const decide::Event&, const decide::Known& known) {
                Decision decision;
                for (const decide::KnownCall& call : known.calls)
                    decision.withdrawn.push_back(withdrawal_of(call, "attempt 2 goes on"));
                return decision;
            };
            std::ignore = co_await to.decide_next(std::move(decider), Time(), 100);
        }(store, std::move(delivery)),
        asio::detached);
}

TEST_F(ExecutorTest, WhatIsTakenBackWhileItIsLookedUpIsNotSent) {
    // The answer to the look-up comes only when the call is withdrawn.
    transport_.delay = [this]() -> asio::awaitable<void> {
        withdraw(context_, *store_, 1001);
        for (bool over = false; !over;) {
            const auto shown = co_await store_->show("newer");
            over = shown.has_value() && shown->row.decided_at.has_value();
        }
    };
    script_ = [](const net::HttpRequest& request) {
        return request.method == "PUT"
                   ? done()
                   : answer(200, R"({"data":{"runId":"r","completionState":"IN_PROGRESS"}})");
    };
    start();
    plan(1001, {1}, true);
    until([this] { return all_done(); });
    ASSERT_EQ(transport_.requests.size(), 1U);
    EXPECT_EQ(transport_.requests[0].method, "GET");
    const auto call = show("1001-1-careful").calls[0].call;
    EXPECT_EQ(call.state, store::CallState::succeeded);
    EXPECT_EQ(call.outcome, "not needed any more: attempt 2 goes on");
}

}  // namespace
}  // namespace runs_agent::execute
