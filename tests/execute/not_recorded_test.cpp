// SPDX-License-Identifier: MIT
// The reporter made a build id of its own: what R2, R3 and R6 do and say.
#include "base/time_text.hpp"
#include "tests/execute/perform_fixture.hpp"

namespace runs_agent::execute {
namespace {

std::string in_progress(const std::string& build_id, const char* created = "2026-01-01T12:00:00Z",
                        const char* state = "IN_PROGRESS") {
    return R"({"runId":"r-)" + build_id + R"(","completionState":")" + state +
           R"(","createdAt":")" + created + R"(","meta":{"ciBuildId":")" + build_id + "\"}}";
}

/// A Runs API that knows no run of the policy's build id, and tells which run is of which attempt
/// only to who cancels it.
class NotRecordedTest : public PerformFixture {
protected:
    Result<net::HttpResponse> serve(const net::HttpRequest& request) override {
        if (holds(request.target, "/runs/find")) return answer(404, R"({"error":"Run not found"})");
        if (request.method == "GET") {
            std::string list;
            for (const std::string& run : runs_) list += (list.empty() ? "" : ",") + run;
            return answer(200, R"({"has_more":false,"data":[)" + list + "]}");
        }
        for (const std::string& build_id : of_attempt_)
            if (holds(request.body, R"("ciBuildId":")" + build_id + '"')) return cancelled_;
        if (!holds(request.body, "ciBuildId")) return answer(200, R"({"data":{"runId":"any"}})");
        return answer(404, R"({"error":"Run not found"})");
    }

    /// GitHub's word on the workflow run: made at 11:55, last changed at 12:30.
    void say(const std::string& status, int attempt) {
        github_.hold(status, attempt);
        github_.run.value->created_at = *parse_iso8601("2026-01-01T11:55:00Z");
        github_.run.value->updated_at = *parse_iso8601("2026-01-01T12:30:00Z");
    }
    store::AfterTry sweep() {
        transport_.requests.clear();
        log_ = perform(call_for(Operation::cancel_run, decide::Rule::orphaned)).log;
        return after_;
    }

    Texts runs_;
    Texts of_attempt_;
    net::HttpResponse cancelled_ = answer(200, R"({"data":{"runId":"4f2a"}})");
    std::string log_;
};

TEST_F(NotRecordedTest, AnOrphanOfAnAttemptThatGitHubSaysHasEndedIsFoundByItsIds) {
    say("completed", 2);
    runs_ = {in_progress("one"), in_progress("mine"), in_progress("two")};
    of_attempt_ = {"mine"};
    EXPECT_EQ(sweep().outcome, "cancelled run 4f2a") << log_;
    EXPECT_TRUE(after_.changed);
    const Texts puts = asked("PUT");
    ASSERT_EQ(puts.size(), 3U);
    EXPECT_EQ(puts[1],
              R"(PUT /v1/runs/cancel-ci/github {"githubRunId":"1001","githubRunAttempt":2,)"
              R"("projectId":"p1","ciBuildId":"mine"})");
}

TEST_F(NotRecordedTest, NoRequestNamesARunThatIsNotKnownToBeInProgress) {
    say("completed", 2);
    // A service that does not heed what is asked for lists complete runs, too.
    runs_ = {in_progress("mine", "2026-01-01T12:00:00Z", "COMPLETE"), in_progress("one")};
    of_attempt_ = {"mine"};
    EXPECT_EQ(sweep().state, store::CallState::succeeded);
    for (const std::string& put : asked("PUT")) {
        EXPECT_TRUE(holds(put, R"("ciBuildId":)")) << put;
        EXPECT_FALSE(holds(put, "mine")) << put;
    }
}

TEST_F(NotRecordedTest, WhatWasMadeAtAnotherTimeIsNotAskedFor) {
    say("completed", 2);
    runs_ = {in_progress("before", "2026-01-01T11:00:00Z"), in_progress("mine"),
             in_progress("after", "2026-01-01T12:45:00Z"), in_progress("untold", "")};
    of_attempt_ = {"untold"};
    EXPECT_EQ(sweep().outcome, "cancelled run 4f2a") << log_;
    EXPECT_EQ(asked("PUT").size(), 2U);
}

TEST_F(NotRecordedTest, WhereNothingIsCertainNothingIsSentAndItIsSaidWhatToSet) {
    runs_ = {in_progress("one"), in_progress("mine")};
    of_attempt_ = {"mine"};
    const auto expect_words = [this](const char* why) {
        const auto after = sweep();
        EXPECT_EQ(after.state, store::CallState::succeeded);
        EXPECT_FALSE(after.changed);
        for (const char* part : {"nothing was cancelled", "no run was recorded as octo/demo-1001-2",
                                 "2 runs are in progress under other build ids",
                                 "CURRENTS_CI_BUILD_ID", "ci_build_id", why})
            EXPECT_TRUE(holds(after.outcome, part)) << part << ": " << after.outcome;
        EXPECT_EQ(asked("PUT"), Texts());
    };
    expect_words("there is no token");
    say("in_progress", 2);  // run again under the same number
    expect_words("attempt 2 of the workflow run is in_progress");
    say("in_progress", 3);
    expect_words("attempt 3 of the workflow run is in_progress");
    say("completed", 3);  // it may record into the same run
    expect_words("attempt 3");
    github_.run = {404, "Not Found", {}, {}};
    expect_words("404 Not Found");
    say("completed", 2);
    for (int i = 0; i < 101; ++i) runs_.push_back(in_progress("more" + std::to_string(i)));
    EXPECT_TRUE(holds(sweep().outcome, "too many")) << after_.outcome;
    EXPECT_EQ(asked("PUT"), Texts());
}

TEST_F(NotRecordedTest, WhatIsCertainlyOverIsSaidToBe) {
    EXPECT_EQ(
        sweep().outcome,
        "nothing to cancel: no run was recorded as octo/demo-1001-2, and none is in progress");
    EXPECT_EQ(github_.asked, Texts()) << "GitHub need not be asked";
    say("completed", 2);
    runs_ = {in_progress("one")};
    EXPECT_EQ(sweep().outcome,
              "nothing to cancel: no run was recorded as octo/demo-1001-2, and none is in progress"
              " that GitHub's run id and attempt name");
}

TEST_F(NotRecordedTest, GitHubsTroubleIsForLater) {
    runs_ = {in_progress("one")};
    for (const int status : {429, 403, 500, 502}) {
        say("completed", 2);
        github_.run.status = status;
        github_.run.value.reset();
        if (status < 500) github_.run.retry_after = std::chrono::minutes(3);
        EXPECT_EQ(sweep().state, store::CallState::pending) << status << after_.outcome;
        EXPECT_EQ(asked("PUT"), Texts());
    }
}

TEST_F(NotRecordedTest, TroubleInTheMiddleIsNotLost) {
    say("completed", 2);
    runs_ = {in_progress("mine"), in_progress("also")};
    of_attempt_ = {"mine", "also"};
    cancelled_ = answer(503);
    EXPECT_EQ(sweep().state, store::CallState::pending);
    EXPECT_EQ(asked("PUT").size(), 1U);
    cancelled_ = answer(422, R"({"error":"Run already cancelled"})");
    EXPECT_EQ(sweep().state, store::CallState::succeeded);
    EXPECT_EQ(asked("PUT").size(), 2U);
}

TEST_F(NotRecordedTest, OfARerunItIsNeverCertain) {
    say("completed", 2);
    runs_ = {in_progress("mine")};
    of_attempt_ = {"mine"};
    Call call = call_for(Operation::cancel_ci, decide::Rule::rerun);
    perform(call);
    EXPECT_EQ(after_.state, store::CallState::pending);
    call.not_found = 3;
    perform(call);
    EXPECT_EQ(after_.state, store::CallState::succeeded);
    EXPECT_TRUE(holds(after_.outcome, "nothing was cancelled")) << after_.outcome;
    EXPECT_TRUE(holds(after_.outcome, "CURRENTS_CI_BUILD_ID")) << after_.outcome;
    EXPECT_EQ(asked("PUT"), Texts());
    runs_.clear();
    perform(call);
    EXPECT_TRUE(holds(after_.outcome, "none is in progress")) << after_.outcome;
}

TEST_F(NotRecordedTest, AResetSaysWhatToSet) {
    for (const char* const machine : {"", "m1"}) {
        Call call = call_for(Operation::reset_run, decide::Rule::rerun);
        call.planned.machine_id = machine;
        perform(call);
        EXPECT_EQ(after_.state, store::CallState::succeeded);
        for (const char* part : {"nothing was reset", "no run was recorded as octo/demo-1001-2",
                                 "CURRENTS_CI_BUILD_ID"})
            EXPECT_TRUE(holds(after_.outcome, part)) << after_.outcome;
    }
}

}  // namespace
}  // namespace runs_agent::execute
