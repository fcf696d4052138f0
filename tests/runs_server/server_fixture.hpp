// SPDX-License-Identifier: MIT
// The embedded Runs API over a database of its own, asked without a socket. Its keys: "process"
// (API) and "foo" (record).
#pragma once

#include "runs_server/http/server.hpp"
#include "runs_server/setup/projects.hpp"
#include "runs_server/setup/schema.hpp"
#include "tests/captured_log.hpp"
#include "tests/manual_clock.hpp"
#include "tests/run_awaitable.hpp"
#include "tests/temp_dir.hpp"

#include <gtest/gtest.h>
#include <rapidjson/document.h>

namespace runs_agent::runs_server {

using net::HttpRequest;
using net::HttpResponse;

class ServerTest : public testing::Test {
protected:
    ServerTest() {
        sqlite::Database database(file());
        ensure_project(database, "p1", clock_.now());
        database.execute(
            "INSERT INTO keys(kind, name, hash, read_only, created_at) VALUES('record', 'ci',"
            " '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae', 0, 0)");
    }

    std::string file() const { return dir_.file("api.db"); }

    HttpResponse ask(std::string method, std::string target, std::string body = {}) {
        HttpRequest request;
        request.method = std::move(method);
        request.target = std::move(target);
        request.headers.add("Host", "runs.example:4000");
        request.headers.add("Authorization", "Bearer process");
        request.body = std::move(body);
        return tests::run(context_, server_.handle(std::move(request)));
    }

    /// Of record(), whose answer has no envelope, or of get(), whose has.
    rapidjson::Document json(const HttpResponse& response) {
        rapidjson::Document document;
        document.Parse(response.body.c_str());
        EXPECT_FALSE(document.HasParseError()) << response.body;
        return document;
    }

    /// SHA-256 of "foo" is stored above.
    HttpResponse record(const std::string& members) {
        return ask("POST", "/v1/runs",
                   R"({"recordKey":"foo","projectId":"p1","machineId":"m1",)" + members +
                       R"(,"ciBuildId":"b1")" + "}");
    }

    std::string announce() {
        const auto answer =
            record(R"("fullTestSuite":[{"name":"g","tests":[{"spec":"a"},{"spec":"b"}]}])");
        return json(answer)["runId"].GetString();
    }

    static std::string results(const std::string& spec) {
        return R"("group":"g","instances":[{"groupId":"g","spec":")" + spec +
               R"(","results":{"stats":{"tests":1,"passes":1}}}])";
    }

    std::string state(const std::string& run_id) {
        const auto answer = json(ask("GET", "/v1/runs/" + run_id));
        return answer["data"]["completionState"].GetString();
    }

    tests::TempDir dir_;
    tests::ManualClock clock_;
    tests::CapturedLog log_{clock_};
    boost::asio::io_context context_;
    sqlite::Worker worker_{file(), migrations()};
    std::shared_ptr<net::MemoryBudget> memory_ =
        std::make_shared<net::MemoryBudget>(136UL * 1024 * 1024, 80UL * 1024 * 1024);
    RunsServer server_{worker_, clock_, log_.log(), {file(), "process", "url key", memory_}};
};

}  // namespace runs_agent::runs_server
