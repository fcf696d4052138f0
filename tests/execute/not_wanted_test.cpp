// SPDX-License-Identifier: MIT
// A call that is taken back while it is performed: not one more request that changes something.
#include "tests/execute/perform_fixture.hpp"

namespace runs_agent::execute {
namespace {

class NotWantedTest : public PerformFixture {
protected:
    NotWantedTest() {
        not_wanted_ = [this](std::int64_t id) { return ask(id); };
    }

    asio::awaitable<Result<std::optional<std::string>>> ask(std::int64_t id) {
        EXPECT_EQ(id, 11);
        ++questions_;
        if (store_fails_) co_return fail(Errc::store, "disk I/O error");
        std::optional<std::string> why;
        if (wanted_ <= 0) why = "attempt 3 goes on";
        --wanted_;
        co_return why;
    }

    Result<net::HttpResponse> serve(const net::HttpRequest& request) override {
        if (holds(request.target, "/projects"))
            return answer(200, R"({"data":[{"projectId":"a"},{"projectId":"b"}]})");
        if (request.method == "GET") {
            std::string specs;
            for (int i = 0; i < machines_; ++i)
                specs += std::string(i > 0 ? "," : "") + R"({"machineId":"m)" + std::to_string(i) +
                         R"(","claimedAt":"2026-01-01T11:00:00Z","completedAt":null})";
            return answer(200,
                          R"({"data":{"runId":"4f2a","completionState":"IN_PROGRESS","specs":[)" +
                              specs + "]}}");
        }
        if (rejects_integers_ && holds(request.body, R"("githubRunAttempt":2)"))
            return answer(400, R"({"error":"a string"})");
        return answer(200, R"({"data":{"runId":"4f2a"}})");
    }

    void expect_that_it_is_over() {
        EXPECT_EQ(after_.state, store::CallState::succeeded);
        EXPECT_TRUE(holds(after_.outcome, "not needed any more: attempt 3 goes on"))
            << after_.outcome;
    }

    int wanted_ = 0;  // how many requests it is still wanted for
    int questions_ = 0;
    int machines_ = 1;
    bool store_fails_ = false;
    bool rejects_integers_ = false;
};

Call outright() {
    Call call = call_for(Operation::cancel_ci, decide::Rule::cancelled);
    call.planned.only_if_in_progress = false;
    return call;
}

TEST_F(NotWantedTest, NothingIsSentThatChangesSomething) {
    github_.hold("in_progress", 2);
    for (const Call& call :
         {outright(), call_for(Operation::cancel_ci, decide::Rule::rerun),
          call_for(Operation::cancel_ci, decide::Rule::superseded),
          call_for(Operation::cancel_run, decide::Rule::orphaned),
          call_for(Operation::reset_run, decide::Rule::rerun),
          call_for(Operation::cancel_run, decide::Rule::orphaned, ""),
          call_for(Operation::cancel_workflow, decide::Rule::superseded),
          call_for(Operation::force_cancel_workflow, decide::Rule::superseded)}) {
        questions_ = 0;
        const Performed performed = perform(call);
        expect_that_it_is_over();
        EXPECT_EQ(questions_, 1) << performed.log;
        EXPECT_EQ(asked("PUT"), Texts());
    }
    EXPECT_EQ(github_.asked, (Texts{"get octo/demo 1001", "get octo/demo 1001"}));
}

TEST_F(NotWantedTest, WhatCannotBeKnownIsNotSentAndTriedLater) {
    store_fails_ = true;
    github_.hold("in_progress", 2);
    for (const Call& call : {outright(), call_for(Operation::cancel_run, decide::Rule::orphaned),
                             call_for(Operation::reset_run, decide::Rule::rerun),
                             call_for(Operation::cancel_workflow, decide::Rule::superseded)}) {
        perform(call);
        EXPECT_EQ(after_.state, store::CallState::pending);
        EXPECT_TRUE(holds(after_.outcome, "disk I/O error")) << after_.outcome;
        EXPECT_EQ(asked("PUT"), Texts());
    }
    EXPECT_EQ(github_.asked, Texts{"get octo/demo 1001"});
}

TEST_F(NotWantedTest, TheSecondTypeOfAttemptIsNotSentEither) {
    rejects_integers_ = true;
    wanted_ = 1;
    perform(outright());
    expect_that_it_is_over();
    EXPECT_EQ(asked("PUT").size(), 1U);
}

TEST_F(NotWantedTest, TheResetStopsBetweenItsRequests) {
    machines_ = 130;
    wanted_ = 1;
    perform(call_for(Operation::reset_run, decide::Rule::rerun));
    expect_that_it_is_over();
    EXPECT_EQ(asked("PUT").size(), 1U);
    EXPECT_TRUE(holds(after_.outcome, "63 of 130 machines of run 4f2a had been reset"))
        << after_.outcome;
}

TEST_F(NotWantedTest, TheSecondProjectIsLeftAlone) {
    wanted_ = 1;
    const Performed performed =
        perform(call_for(Operation::cancel_run, decide::Rule::orphaned, ""));
    expect_that_it_is_over();
    EXPECT_EQ(asked("PUT").size(), 1U) << performed.log;
    EXPECT_TRUE(holds(after_.outcome, "run 4f2a was changed before")) << after_.outcome;
}

}  // namespace
}  // namespace runs_agent::execute
