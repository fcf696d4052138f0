// SPDX-License-Identifier: MIT
// Playwright's reporter as it speaks, request by request.
#pragma once

#include "tests/runs_server/server_fixture.hpp"

namespace runs_agent::runs_server {

class ReportingTest : public ServerTest {
protected:
    HttpResponse report(const std::string& method, const std::string& target,
                        const std::string& body, const std::string& idempotency_key = {},
                        const std::string& attempt = "0") {
        HttpRequest request;
        request.method = method;
        request.target = target;
        request.headers.add("x-currents-key", "foo");
        request.headers.add("x-pw-version", "1.65.1");
        request.headers.add("x-pwc-request-attempt", attempt);
        if (!idempotency_key.empty())
            request.headers.add("x-currents-idempotency-key", idempotency_key);
        request.body = body;
        return tests::run(context_, server_.handle(std::move(request)));
    }

    /// A run of one group, g, whose one spec, a, has tests t1 and t2. Returns its id.
    std::string start(const std::string& more = R"("machineId":"m1")",
                      const std::string& to_run = R"(["t1","t2"])") {
        std::string tests;
        for (const char* const id : {"t1", "t2"})
            if (to_run.find(id) != std::string::npos)
                tests += std::string(tests.empty() ? "" : ",") + R"({"spec":"a","testId":")" + id +
                         R"("})";
        const auto answer =
            report("POST", "/runs/v1",
                   R"({"recordKey":"foo","projectId":"p1","ciBuildId":"b1","group":"g","tests":[)" +
                       tests +
                       R"(],"fullTestSuite":[{"name":"g","tests":[{"spec":"a","testId":"t1"},
                   {"spec":"a","testId":"t2"}]}],)" +
                       more + "}");
        if (answer.status != 200) return {};
        return run_ = json(answer)["runId"].GetString();
    }

    std::string begin(const std::string& machine = "m1", int status = 200) {
        const auto answer =
            report("POST", "/runs/" + run_ + "/pw/instances/v1",
                   R"({"groupId":"g","spec":"a","machineId":")" + machine + R"("})");
        EXPECT_EQ(answer.status, status) << answer.body;
        return status == 200 ? json(answer)["instanceId"].GetString() : "";
    }

    /// A run whose test t1 failed and t2 passed on m1. Returns the spec's id.
    std::string start_and_fail() {
        start();
        std::string spec = begin();
        added(spec, "t1", "failed", true);
        added(spec, "t2", "passed", true);
        return spec;
    }

    /// The same, and m1 was reset then.
    std::string fail_and_reset() {
        std::string spec = start_and_fail();
        EXPECT_EQ(reset("m1").status, 200);
        return spec;
    }

    static std::string members(int sequence, const std::string& state, bool done) {
        return R"("_t":)" + std::to_string(sequence) + R"(,"_s":")" + state + R"(","_d":)" +
               (done ? "true" : "false") +
               R"(,"attempts":[{"attempt":0,"workerIndex":0,"duration":5,
                  "startTime":"2026-01-01T00:00:00.000Z"}])";
    }

    HttpResponse add(const std::string& instance, const std::string& test, const std::string& state,
                     bool done, const std::string& machine = "m1", const std::string& key = {},
                     const std::string& attempt = "0") {
        return report("POST", "/test-record",
                      R"({"instanceId":")" + instance + R"(","testId":")" + test +
                          R"(","machineId":")" + machine +
                          R"(","expectedStatus":"passed","_ct":"2026-01-01T00:00:01.000Z",)" +
                          members(0, state, done) + "}",
                      key, attempt);
    }

    std::string added(const std::string& instance, const std::string& test,
                      const std::string& state, bool done, const std::string& machine = "m1") {
        const auto answer = add(instance, test, state, done, machine);
        EXPECT_EQ(answer.status, 200) << answer.body;
        return json(answer)["recordId"].GetString();
    }

    HttpResponse change(const std::string& record, int sequence, const std::string& state,
                        bool done) {
        return report("PUT", "/test-record/" + record, "{" + members(sequence, state, done) + "}");
    }

    /// "COMPLETE FAILED: 1 passed, 1 failed, 0 skipped of 2"
    std::string shown() {
        const auto answer = json(ask("GET", "/v1/runs/" + run_));
        const auto& data = answer["data"];
        const auto& tests = data["groups"][0]["tests"];
        const auto count = [&tests](const char* name) {
            return std::to_string(tests[name].GetInt64());
        };
        return std::string(data["completionState"].GetString()) + " " + data["status"].GetString() +
               ": " + count("passes") + " passed, " + count("failures") + " failed, " +
               count("skipped") + " skipped of " + count("overall");
    }

    HttpResponse reset(const std::string& machine) {
        return ask("PUT", "/v1/runs/" + run_ + "/reset", R"({"machineId":[")" + machine + R"("]})");
    }

    void cancel() { EXPECT_EQ(ask("PUT", "/v1/runs/" + run_ + "/cancel").status, 200); }

    static void expect_stop(const rapidjson::Document& answer, const std::string& code) {
        ASSERT_TRUE(answer.HasMember("code") && answer.HasMember("errors"));
        EXPECT_EQ(answer["code"].GetString(), code);
        EXPECT_STREQ(answer["message"].GetString(), answer["error"].GetString());
        EXPECT_TRUE(answer["errors"].IsArray());
    }

    std::string run_;
};

}  // namespace runs_agent::runs_server
