#include "agent/commands/runs_operations.hpp"

#include "runs_api/client.hpp"
#include "tests/manual_clock.hpp"
#include "tests/run_awaitable.hpp"
#include "tests/scripted_transport.hpp"

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

}  // namespace
}  // namespace runs_agent::agent
