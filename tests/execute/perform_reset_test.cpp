// SPDX-License-Identifier: MIT
// What is done with a recorded run that was looked up: resets, orphans, superseded runs.
#include "base/time_text.hpp"
#include "execute/perform.hpp"
#include "runs_api/client.hpp"
#include "tests/manual_clock.hpp"
#include "tests/quiet_github.hpp"
#include "tests/run_awaitable.hpp"
#include "tests/scripted_transport.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace runs_agent::execute {
namespace {

using decide::Operation;
using store::Call;
using tests::answer;
using tests::ScriptedTransport;

Call call_for(Operation operation) {
    Call call;
    call.planned.operation = operation;
    call.planned.rule = decide::Rule::rerun;
    call.planned.run = {"github.com", 1001};
    call.planned.attempt = 2;
    call.planned.project_id = "p1";
    call.planned.ci_build_id = "1001";
    call.planned.claimed_before = *parse_iso8601("2026-01-01T12:00:00Z");
    return call;
}

std::string spec(const std::string& machine, const char* claimed, bool completed, int failures) {
    return R"({"spec":"a","machineId":")" + machine + R"(","claimedAt":"2026-01-01T)" + claimed +
           R"(:00Z","completedAt":)" + (completed ? R"("2026-01-01T13:00:00Z")" : "null") +
           R"(,"results":)" +
           (completed ? R"({"stats":{"failures":)" + std::to_string(failures) + "}}" : "null") +
           "}";
}

class PerformResetTest : public testing::Test {
protected:
    /// A Runs API that holds one run.
    void hold(const std::string& state, const std::vector<std::string>& specs, int put = 200) {
        std::string run = R"({"status":"OK","data":{"runId":"4f2a","completionState":")" + state +
                          R"(","specs":[)";
        for (std::size_t i = 0; i < specs.size(); ++i) run += (i > 0 ? "," : "") + specs[i];
        run += "]}}";
        script([run, put, data = answers_reset_](const net::HttpRequest& request) {
            if (request.method == "GET") return answer(200, run);
            // The documents promise an object, and no member of it.
            const bool reset = request.target.ends_with("/reset");
            return answer(put, put != 200 ? R"({"error":"later"})"
                               : reset    ? R"({"status":"OK","data":)" + data + "}"
                                          : R"({"status":"OK","data":{"runId":"4f2a"}})");
        });
    }
    void script(ScriptedTransport::Script script) {
        transport_.emplace(std::move(script));
        api_.emplace(*transport_, clock_, "http://api.test/v1",
                     [] { return Result<std::string>("sk-4711"); });
    }
    Performed perform(const Call& call) {
        Performer performer(*api_, github_);
        Performed performed = tests::run(performer.perform(call));
        after_ = judge(call, performed.reply, clock_.now(), 0.5);
        return performed;
    }
    std::vector<std::string> puts() const {
        std::vector<std::string> found;
        for (std::size_t i = 0; i < transport_->requests.size(); ++i)
            if (transport_->requests[i].method == "PUT")
                found.push_back(transport_->asked(i) + " " + transport_->requests[i].body);
        return found;
    }

    tests::ManualClock clock_;
    std::optional<ScriptedTransport> transport_;
    std::optional<runs_api::RunsApiClient> api_;
    tests::QuietGitHub github_;
    store::AfterTry after_;
    std::string answers_reset_ = "{}";
};

using Puts = std::vector<std::string>;

TEST_F(PerformResetTest, TheMachinesWithFailedOrUnfinishedSpecsAreReset) {
    hold("COMPLETE", {spec("m1", "11:00", true, 0), spec("m2", "11:00", true, 2),
                      spec("m3", "11:00", false, 0), spec("m2", "11:30", true, 1)});
    const Performed performed = perform(call_for(Operation::reset_run));
    EXPECT_EQ(puts(), Puts{R"(PUT /v1/runs/4f2a/reset {"machineId":["m2","m3"]})"})
        << performed.log;
    EXPECT_EQ(after_.state, store::CallState::succeeded);
    EXPECT_EQ(after_.outcome, "reset 2 machines of run 4f2a");
    EXPECT_TRUE(after_.changed);
}

// What the service says of it, and where it says nothing, what the contract says that is opened.
TEST_F(PerformResetTest, HowManySpecsAreOpenedAgainIsToldOrCounted) {
    const std::vector<std::string> specs = {
        spec("m1", "11:00", true, 0), spec("m2", "11:00", true, 2), spec("m2", "11:00", true, 0),
        spec("m2", "11:30", false, 0), spec("m3", "11:00", true, 1)};
    hold("COMPLETE", specs);
    EXPECT_EQ(perform(call_for(Operation::reset_run)).specs, 3);
    answers_reset_ = R"({"runId":"4f2a","resetSpecs":5})";
    hold("COMPLETE", specs);
    EXPECT_EQ(perform(call_for(Operation::reset_run)).specs, 5);
    answers_reset_ = R"({"resetSpecs":"many"})";
    hold("COMPLETE", specs);
    EXPECT_EQ(perform(call_for(Operation::reset_run)).specs, 3);
    hold("COMPLETE", specs, 503);
    EXPECT_EQ(perform(call_for(Operation::reset_run)).specs, std::nullopt);
    hold("COMPLETE", {spec("m1", "11:00", true, 0)});
    EXPECT_EQ(perform(call_for(Operation::reset_run)).specs, std::nullopt) << "nothing to reset";
}

TEST_F(PerformResetTest, AMachineThatIsAtWorkAlreadyIsLeftAlone) {
    hold("IN_PROGRESS", {spec("m1", "11:00", true, 3), spec("m1", "12:30", false, 0),
                         spec("m2", "11:00", false, 0)});
    perform(call_for(Operation::reset_run));
    EXPECT_EQ(puts(), Puts{R"(PUT /v1/runs/4f2a/reset {"machineId":["m2"]})"});
}

TEST_F(PerformResetTest, ManyMachinesAreResetInCallsOfSixtyThree) {
    std::vector<std::string> specs;
    specs.reserve(130);
    for (int i = 0; i < 130; ++i) specs.push_back(spec("m" + std::to_string(i), "11:00", true, 1));
    specs.push_back(spec("m0", "11:00", false, 0));
    hold("COMPLETE", specs);
    EXPECT_EQ(perform(call_for(Operation::reset_run)).specs, 131);
    const Puts sent = puts();
    ASSERT_EQ(sent.size(), 3U);
    EXPECT_EQ(std::count(sent[0].begin(), sent[0].end(), ','), 62);
    EXPECT_EQ(std::count(sent[2].begin(), sent[2].end(), ','), 3);
    EXPECT_EQ(after_.outcome, "reset 130 machines of run 4f2a");
}

TEST_F(PerformResetTest, TheFirstResetThatFailsEndsTheTry) {
    std::vector<std::string> specs;
    specs.reserve(130);
    for (int i = 0; i < 70; ++i) specs.push_back(spec("m" + std::to_string(i), "11:00", true, 1));
    hold("COMPLETE", specs, 503);
    perform(call_for(Operation::reset_run));
    EXPECT_EQ(puts().size(), 1U);
    EXPECT_EQ(after_.state, store::CallState::pending);
}

TEST_F(PerformResetTest, WhereThereIsNothingToResetNothingIsSent) {
    hold("COMPLETE", {spec("m1", "11:00", true, 0)});
    perform(call_for(Operation::reset_run));
    EXPECT_NE(after_.outcome.find("no machine holds failed"), std::string::npos) << after_.outcome;
    hold("CANCELED", {spec("m1", "11:00", true, 1)});
    perform(call_for(Operation::reset_run));
    EXPECT_NE(after_.outcome.find("cannot be undone"), std::string::npos) << after_.outcome;
    script([](const auto&) { return answer(404, R"({"error":"Run not found"})"); });
    perform(call_for(Operation::reset_run));
    EXPECT_EQ(after_.state, store::CallState::succeeded) << "it is not asked for again";
    EXPECT_NE(after_.outcome.find("no run was recorded as 1001"), std::string::npos);
    EXPECT_EQ(puts(), Puts());
}

TEST_F(PerformResetTest, OfADeadRunnersMachineOnlyWhatIsUnfinishedCounts) {
    Call call = call_for(Operation::reset_run);
    call.planned.machine_id = "m2";
    hold("IN_PROGRESS", {spec("m1", "11:00", false, 0), spec("m2", "11:00", false, 0)});
    perform(call);
    EXPECT_EQ(puts(), Puts{R"(PUT /v1/runs/4f2a/reset {"machineId":["m2"]})"});

    for (const auto& [state, specs] :
         {std::pair{"IN_PROGRESS", std::vector{spec("m2", "11:00", true, 1)}},
          std::pair{"IN_PROGRESS", std::vector{spec("m2", "12:30", false, 0)}},
          std::pair{"COMPLETE", std::vector{spec("m2", "11:00", false, 0)}}}) {
        hold(state, specs);
        perform(call);
        EXPECT_EQ(puts(), Puts()) << state;
        EXPECT_NE(after_.outcome.find("nothing to reset"), std::string::npos) << after_.outcome;
    }
}

TEST_F(PerformResetTest, AnOrphanIsCancelledByItsOwnId) {
    Call call = call_for(Operation::cancel_run);
    hold("IN_PROGRESS", {});
    perform(call);
    EXPECT_EQ(puts(), Puts{"PUT /v1/runs/4f2a/cancel "});
    EXPECT_EQ(after_.outcome, "cancelled run 4f2a");
    hold("COMPLETE", {});
    perform(call);
    EXPECT_EQ(puts(), Puts());
    EXPECT_EQ(after_.outcome, "nothing to cancel: run 4f2a is COMPLETE");
}

TEST_F(PerformResetTest, ASupersededRunUnderAnotherBuildIdIsCancelledByGitHubsIds) {
    Call call = call_for(Operation::cancel_ci);
    call.planned.only_if_in_progress = true;
    call.planned.rule = decide::Rule::superseded;
    script([](const net::HttpRequest& request) {
        return request.method == "PUT" ? answer(200, R"({"data":{"runId":"4f2a"}})")
                                       : answer(404, R"({"error":"Run not found"})");
    });
    perform(call);
    ASSERT_EQ(puts().size(), 1U);
    EXPECT_TRUE(puts()[0].starts_with("PUT /v1/runs/cancel-ci/github"));
    // Of a re-run it is not known that what attempt 1 recorded is of no use.
    call.planned.rule = decide::Rule::rerun;
    transport_->requests.clear();
    perform(call);
    EXPECT_EQ(puts(), Puts());
    EXPECT_EQ(after_.state, store::CallState::pending);
}

}  // namespace
}  // namespace runs_agent::execute
