// SPDX-License-Identifier: MIT
#include "agent/action/doing/find.hpp"

#include "tests/action/doing/recorded_run.hpp"
#include "tests/action/doing/step.hpp"

#include <gtest/gtest.h>

namespace runs_agent::agent::action {
namespace {

using tests::answer;

/// The answer to a search that asks for pwLastRun, too.
std::string found(std::string run, const std::string& last_run) {
    run.back() = ',';
    return R"({"status":"OK","data":)" + run + R"("pwLastRun":)" + last_run + "}}";
}

constexpr const char* one_failed = R"({"status":"failed","failedTests":["a"]})";

Request find_request(std::int64_t attempt) {
    Request request;
    request.command = Command::find;
    request.api_key = "sk-4711";
    request.project_id = "p1";
    request.ci_build_id = "b";
    request.attempt = {"1001", attempt};
    return request;
}

/// What comes of a re-run where the search is answered `body`, and each spec `instance`.
Outcome re_run(const std::string& body, const std::string& instance = "", int status = 200) {
    Step step([&](const net::HttpRequest& request) {
        const bool spec = request.target.find("/instances/") != std::string::npos;
        return spec ? answer(status, instance) : answer(200, body);
    });
    return step.perform(find_request(2));
}

TEST(Find, AReRunIsNarrowedToWhatFailed) {
    Step step([](const auto&) { return answer(200, found(failed_run(), one_failed)); });
    const Outcome outcome = step.perform(find_request(2));
    EXPECT_EQ(step.transport.asked(0), "GET /v1/runs/find?projectId=p1&ciBuildId=b&pwLastRun=true");
    EXPECT_EQ(step.transport.requests.size(), 1U);
    EXPECT_EQ(outcome.ending, Ending::found);
    EXPECT_EQ(outcome.extra_pw_flags, "--last-failed");
    EXPECT_EQ(outcome.reason, "");
    EXPECT_EQ(outcome.status, "FAILED");
    EXPECT_EQ(outcome.last_run,
              "{\n  \"status\": \"failed\",\n  \"failedTests\": [\n    \"a\"\n  ]\n}");
    const Outcome first = step.perform(find_request(1));
    EXPECT_EQ(first.extra_pw_flags, "");
    EXPECT_EQ(first.reason, "this is no re-run");
    EXPECT_NE(first.last_run, "");
}

TEST(Find, NothingFailedMeansNoFlags) {
    const Outcome outcome = re_run(found(passed_run(), R"({"status":"passed","failedTests":[]})"));
    EXPECT_EQ(outcome.status, "PASSED");
    EXPECT_EQ(outcome.extra_pw_flags, "");
    EXPECT_EQ(outcome.reason, "nothing failed");
    EXPECT_NE(outcome.last_run, "");
}

TEST(Find, WhatDidNotRunIsNotTakenForPassed) {
    const std::pair<const char*, const char*> changes[] = {
        {R"("COMPLETE")", R"("IN_PROGRESS")"},
        {R"("COMPLETE")", R"("CANCELED")"},
        {R"("COMPLETE")", R"("TIMEOUT")"},
        {R"("ib","claimedAt":"x","completedAt":"y")", R"("ib","claimedAt":"x","completedAt":null)"},
        {R"("complete":2)", R"("complete":1)"},
        {R"("exception":null)", R"("exception":"e")"},
    };
    for (const auto& [from, to] : changes) {
        const Outcome outcome = re_run(found(with(failed_run(), from, to), one_failed));
        EXPECT_EQ(outcome.ending, Ending::found);
        EXPECT_EQ(outcome.extra_pw_flags, "") << to;
        EXPECT_EQ(outcome.last_run, "") << to;
        EXPECT_NE(outcome.reason, "") << to;
        EXPECT_NE(outcome.happened.find("all tests are to be run, and no file was written: " +
                                        outcome.reason),
                  std::string::npos)
            << outcome.happened;
        EXPECT_NE(outcome.status, "PASSED");
    }
    const Outcome cancelled = re_run(
        found(R"({"runId":"4f2a","completionState":"CANCELED","status":"PASSED","specs":[]})",
              R"({"status":"passed","failedTests":[]})"));
    EXPECT_EQ(cancelled.status, "CANCELED");
    EXPECT_EQ(cancelled.last_run, "");
    EXPECT_EQ(cancelled.happened,
              "found run 4f2a, CANCELED; all tests are to be run, and no file was written: it was "
              "cancelled before its end");
}

TEST(Find, TestsThatDidNotRunBecauseOfAFailureAreAskedFor) {
    Step step([](const net::HttpRequest& request) {
        return request.target.find("/instances/") == std::string::npos
                   ? answer(200, found(skipping_run(), one_failed))
                   : answer(200, R"({"data":{"results":{"tests":[{"testId":"a","state":"failed"},
                        {"testId":"s","state":"skipped"},{"testId":"p","state":"passed"}]}}})");
    });
    const Outcome outcome = step.perform(find_request(2));
    ASSERT_EQ(step.transport.requests.size(), 2U);
    EXPECT_EQ(step.transport.asked(1), "GET /v1/instances/ia");
    EXPECT_EQ(outcome.extra_pw_flags, "--last-failed");
    EXPECT_NE(outcome.last_run.find("\"a\",\n    \"s\"\n"), std::string::npos) << outcome.last_run;
    EXPECT_NE(outcome.happened.find("failed tests: 1, and 1 that did not run because of them"),
              std::string::npos)
        << outcome.happened;

    // A service that lists them by itself, as Playwright does from 1.63 on.
    const char* const both = R"({"status":"failed","failedTests":["a","s"]})";
    EXPECT_EQ(re_run(found(skipping_run(), both), "", 500).extra_pw_flags, "--last-failed");
}

TEST(Find, AListThatStaysShortNarrowsNothing) {
    const std::string no_ids = R"({"status":"failed","failedTests":[]})";
    for (const std::string& run : {skipping_run(), failed_run()}) {
        const std::string body = found(run, run == failed_run() ? no_ids : one_failed);
        for (const int status : {404, 500, 200}) {
            const Outcome outcome = re_run(body, R"({"data":{"results":{"tests":[]}}})", status);
            EXPECT_EQ(outcome.ending, Ending::found);
            EXPECT_EQ(outcome.extra_pw_flags, "");
            EXPECT_EQ(outcome.last_run, "");
            EXPECT_EQ(outcome.reason.find("spec a "), 0U) << outcome.reason;
        }
    }
    const Outcome interrupted =
        re_run(found(failed_run(), R"({"status":"interrupted","failedTests":["a"]})"));
    EXPECT_EQ(interrupted.extra_pw_flags, "");
    EXPECT_EQ(interrupted.reason, "its pwLastRun says interrupted, its specs say failed");
    EXPECT_EQ(re_run(found(failed_run(), R"({"status":"failed"})")).extra_pw_flags, "");
}

TEST(Find, ASpecThatCannotBeAskedForNarrowsNothing) {
    Step step([](const net::HttpRequest& request) -> Result<net::HttpResponse> {
        if (request.target.find("/instances/") == std::string::npos)
            return answer(200, found(skipping_run(), one_failed));
        return fail(Errc::network, "connection refused");
    });
    const Outcome outcome = step.perform(find_request(2));
    EXPECT_EQ(outcome.extra_pw_flags, "");
    EXPECT_EQ(outcome.last_run, "");
    EXPECT_NE(outcome.reason.find("spec a could not be looked at: "), std::string::npos);
    EXPECT_NE(outcome.reason.find("connection refused"), std::string::npos) << outcome.reason;
}

TEST(Find, OfManySpecsNoneIsAskedFor) {
    for (const int specs : {50, 51}) {
        std::string listed;
        for (int i = 0; i < specs; ++i)
            listed += std::string(i > 0 ? "," : "") + R"({"spec":"s","instanceId":"i)" +
                      std::to_string(i) + R"(","results":{"stats":{"tests":1,"failures":1}}})";
        const std::string run =
            R"({"runId":"4f2a","completionState":"COMPLETE","status":"FAILED","specs":[)" + listed +
            "]}";
        Step step([&](const net::HttpRequest& request) {
            const bool spec = request.target.find("/instances/") != std::string::npos;
            return answer(
                200, spec ? R"({"data":{"results":{"tests":[{"testId":"a","state":"failed"}]}}})"
                          : found(run, R"({"status":"failed","failedTests":[]})"));
        });
        const Outcome outcome = step.perform(find_request(2));
        EXPECT_EQ(outcome.extra_pw_flags, specs == 50 ? "--last-failed" : "") << outcome.reason;
        EXPECT_EQ(step.transport.requests.size(), specs == 50 ? 51U : 1U);
        EXPECT_EQ(outcome.reason.find("in 51 specs, which are too many") != std::string::npos,
                  specs == 51)
            << outcome.reason;
    }
}

TEST(Find, AFirstAttemptHasNothingBeforeIt) {
    Step step([](const auto&) { return answer(200, found(failed_run(), one_failed)); });
    Request request = find_request(1);
    request.searches_before = true;
    const Outcome outcome = step.perform(request);
    EXPECT_EQ(outcome.ending, Ending::nothing_found);
    EXPECT_EQ(outcome.level, Level::notice);
    EXPECT_TRUE(step.transport.requests.empty());
    request.attempt.number = 2;
    EXPECT_EQ(step.perform(request).ending, Ending::found);
}

TEST(Find, NothingFoundIsASuccess) {
    Step step([](const auto&) { return answer(404, R"({"error":"Run not found"})"); });
    const Outcome outcome = step.perform(find_request(2));
    EXPECT_EQ(outcome.ending, Ending::nothing_found);
    EXPECT_FALSE(outcome.failure.has_value());
    EXPECT_EQ(outcome.last_run, "");
    EXPECT_EQ(outcome.reason, "no such run was recorded");
}

TEST(Find, ARunOfAnotherFrameworkHasNoFile) {
    Step step([](const auto&) { return answer(200, R"({"data":{"runId":"4f2a"}})"); });
    const Outcome outcome = step.perform(find_request(2));
    EXPECT_EQ(outcome.ending, Ending::found);
    EXPECT_EQ(outcome.level, Level::warning);
    EXPECT_EQ(outcome.last_run, "");
    EXPECT_NE(outcome.reason, "");
    Request without = find_request(2);
    without.pw_last_run = false;
    EXPECT_EQ(step.perform(without).level, Level::notice);
    EXPECT_EQ(step.transport.asked(1), "GET /v1/runs/find?projectId=p1&ciBuildId=b");
}

}  // namespace
}  // namespace runs_agent::agent::action
