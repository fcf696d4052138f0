// SPDX-License-Identifier: MIT
#include "agent/commands/runs_operations.hpp"

#include "agent/cli/read_file.hpp"
#include "agent/cli/report.hpp"
#include "agent/commands/runs_print.hpp"
#include "runs_api/client.hpp"
#include "tests/action/doing/recorded_run.hpp"
#include "tests/manual_clock.hpp"
#include "tests/run_awaitable.hpp"
#include "tests/scripted_transport.hpp"
#include "tests/temp_dir.hpp"

#include <gtest/gtest.h>

namespace runs_agent::agent {
namespace {

struct Row {
    const char* body;
    Exit code;
};

TEST(RunsOperations, OnlyA422OfARunThatHasEndedIsSuccess) {
    const tests::ManualClock clock;
    for (const Row& row : {Row{R"({"error":"Run is cancelled"})", Exit::done},
                           Row{R"({"error":"Run already cancelled"})", Exit::done},
                           Row{R"({"error":"runId must be a string"})", Exit::failed}}) {
        tests::ScriptedTransport transport(
            [&row](const auto&) { return tests::answer(422, row.body); });
        runs_api::RunsApiClient api(transport, clock, "http://api.test/v1",
                                    [] { return Result<std::string>("key"); });
        EXPECT_EQ(tests::run(runs_cancel(api, "r", {})), row.code) << row.body;
        runs_api::CancelGithubCi request;
        request.github_run_id = "1001";
        request.github_run_attempt = 1;
        EXPECT_EQ(tests::run(runs_cancel_ci(api, request, {})), row.code) << row.body;
    }
}

TEST(RunsOperations, ARunThatIsCompleteIsNotSaidToBeCancelled) {
    const tests::ManualClock clock;
    const auto said = [&](const char* body, bool json) {
        tests::ScriptedTransport transport([&](const auto&) { return tests::answer(422, body); });
        runs_api::RunsApiClient api(transport, clock, "http://api.test/v1",
                                    [] { return Result<std::string>("key"); });
        Printing printing;
        printing.json = json;
        testing::internal::CaptureStdout();
        EXPECT_EQ(tests::run(runs_cancel(api, "r", printing)), Exit::done) << body;
        return testing::internal::GetCapturedStdout();
    };
    const char* const complete = R"({"error":"Run is complete"})";
    EXPECT_EQ(said(complete, false), "there was nothing to cancel: the run is complete\n");
    EXPECT_NE(said(complete, true).find("alreadyComplete"), std::string::npos);
    for (const char* const cancelled :
         {R"({"error":"Run is cancelled"})", R"({"error":"cancelled, so complete"})", ""}) {
        EXPECT_EQ(said(cancelled, false), "the run was cancelled already\n") << cancelled;
        EXPECT_NE(said(cancelled, true).find("alreadyCanceled"), std::string::npos) << cancelled;
    }
}

TEST(RunsOperations, NobodyReadsPassedOfARunThatDidNotRunToItsEnd) {
    const auto shown = [](std::string_view state) {
        runs_api::Run run;
        run.completion_state = runs_api::parse_completion_state(state);
        run.status = runs_api::RunStatus::passed;
        return describe_run(run) + describe_runs({run}, false);
    };
    EXPECT_NE(shown("COMPLETE").find("PASSED"), std::string::npos);
    for (const char* const state : {"CANCELED", "TIMEOUT", "IN_PROGRESS", "OTHER"}) {
        EXPECT_EQ(shown(state).find("PASSED"), std::string::npos) << state;
        EXPECT_NE(shown(state).find("not known"), std::string::npos) << state;
    }
}

TEST(RunsOperations, AListThatMayBeShortIsSaidToBe) {
    const tests::ManualClock clock;
    const tests::TempDir dir;
    const auto said = [&](const std::string& run, const std::string& last_run,
                          const std::string& file = "last.json") {
        tests::ScriptedTransport transport([&](const auto&) {
            const std::string body = R"({"data":)" + run.substr(0, run.size() - 1);
            return tests::answer(200, body + R"(,"pwLastRun":)" + last_run + "}}");
        });
        runs_api::RunsApiClient api(transport, clock, "http://api.test/v1",
                                    [] { return Result<std::string>("key"); });
        runs_api::FindRun query;
        query.project_id = "p1";
        query.pw_last_run = true;
        Printing printing;
        printing.output = dir.file(file);
        testing::internal::CaptureStderr();
        testing::internal::CaptureStdout();
        const bool wrote = tests::run(runs_find(api, query, printing)) == Exit::done;
        testing::internal::GetCapturedStdout();
        const auto written = read_file(printing.output);
        EXPECT_EQ(written.has_value() && !written->empty(), wrote);
        EXPECT_EQ(wrote, file == "last.json");
        return testing::internal::GetCapturedStderr();
    };
    const std::string one = R"({"status":"failed","failedTests":["a"]})";
    EXPECT_EQ(said(action::failed_run(), one), "");
    EXPECT_NE(said(action::skipping_run(), one).find("2 tests failed or were skipped, it names 1"),
              std::string::npos);
    const std::string late = action::with(action::failed_run(), "COMPLETE", "TIMEOUT");
    EXPECT_NE(said(late, one).find("it ran into its time-out"), std::string::npos);
    EXPECT_EQ(said(late, one, "no/folder.json").find("may lack"), std::string::npos);
    EXPECT_NE(said(action::failed_run(), R"({"status":"interrupted","failedTests":["a"]})"), "");
    EXPECT_NE(said(action::failed_run(), R"({"failedTests":1})").find("not what Playwright keeps"),
              std::string::npos);
    // The names of specs are anybody's, and this goes to a terminal.
    std::string evil =
        action::with(action::failed_run(), R"("spec":"b")", R"("spec":"b\u001b[31m")");
    evil = action::with(evil, R"("exception":null)", R"("exception":"e")");
    EXPECT_EQ(
        said(action::with(evil, R"("spec":"a")", R"("spec":"a\u001b[31m")"), one).find('\x1b'),
        std::string::npos);
}

}  // namespace
}  // namespace runs_agent::agent
