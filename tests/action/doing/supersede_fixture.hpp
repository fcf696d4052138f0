// SPDX-License-Identifier: MIT
// `command: supersede` between a GitHub and a Runs API that hold what the test says.
#pragma once

#include "agent/action/doing/supersede.hpp"
#include "github/client.hpp"
#include "github/credentials.hpp"
#include "tests/action/doing/step.hpp"
#include "tests/github/fake_routes.hpp"

#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <map>
#include <set>

namespace runs_agent::agent::action {

using namespace std::chrono_literals;
using tests::answer;
using tests::FakeRun;
using Names = std::vector<std::string>;

/// Of `target`, what comes after the host.
inline std::string origin_form(const std::string& target) {
    return target.substr(target.find('/', target.find("//") + 2));
}

class SupersedeTest : public testing::Test {
protected:
    SupersedeTest() {
        routes_.access.tokens["good"] = {};
        tests::FakeRepository& repository = routes_.repositories["octo/shop"];
        repository.full_name = "octo/shop";
        step_.github = &github_;
        request_.command = Command::supersede;
        request_.api_key = "sk-4711";
        request_.repository = "octo/shop";
        request_.project_ids = {"p1"};
        request_.project_id = "p1";
        request_.attempt = {"1001", 1};
        request_.github_run_id = 1001;
        put(1001, 7);
    }

    /// A run of branch "feature", made a minute after the one with the number before.
    FakeRun& put(std::int64_t id, std::int64_t number, const std::string& state = "in_progress") {
        FakeRun run;
        run.id = id;
        run.number = number;
        run.branch = "feature";
        run.sha = "c0ffee" + std::to_string(id);
        run.created_at = step_.clock.now() + std::chrono::minutes(number);
        const bool goes_on = state == "in_progress" || state == "queued" || state == "waiting" ||
                             state == "pending" || state == "requested";
        run.status = goes_on ? state : "completed";
        if (!goes_on) run.conclusion = state;
        auto& attempts = routes_.repositories["octo/shop"].runs[id];
        attempts = {run};
        return attempts.back();
    }

    /// The service's record of a GitHub run under the default build id.
    void record(std::int64_t id, const std::string& state = "IN_PROGRESS") {
        states_["octo/shop-" + std::to_string(id) + "-1"] = state;
        recorded_.insert(std::to_string(id));
    }

    net::HttpResponse answer_api(const net::HttpRequest& request) {
        const std::string path = origin_form(request.target);
        if (path.starts_with("/v1/runs/find")) {
            const auto query = net::query_of(path);
            const std::string build(net::find(query, "ciBuildId").value_or(""));
            const auto found = states_.find(build);
            if (found == states_.end()) return answer(404, R"({"error":"Run not found"})");
            return answer(200, R"({"data":{"runId":"of )" + build + R"(","completionState":")" +
                                   found->second + R"(","ciBuildId":")" + build + "\"}}");
        }
        if (path.starts_with("/v1/projects/p1/runs")) return answer(200, R"({"data":[]})");
        rapidjson::Document body;
        body.Parse(request.body.data(), request.body.size());
        const std::string id = body["githubRunId"].GetString();
        cancelled_.push_back(id + "/" + std::to_string(body["githubRunAttempt"].GetInt()));
        if (broken_.contains(id)) return answer(409, R"({"error":"no such thing"})");
        if (!recorded_.contains(id)) return answer(404, R"({"error":"Run not found"})");
        return answer(200, R"({"data":{"runId":"r)" + id + R"("}})");
    }

    Outcome supersede() { return step_.perform(request_); }

    /// What GitHub was asked, "GET /repos/octo/shop".
    Names asked() const {
        Names lines;
        for (const auto& request : github_http_.requests)
            lines.push_back(request.method + " " + origin_form(request.target));
        return lines;
    }

    std::map<std::string, std::string> states_;  // by build id
    std::set<std::string> recorded_;             // GitHub run ids
    std::set<std::string> broken_;               // those that the service stumbles over
    Names cancelled_;                            // what it was asked to cancel
    Step step_{[this](const net::HttpRequest& request) { return answer_api(request); }};
    tests::FakeRoutes routes_{step_.clock};
    tests::ScriptedTransport github_http_{[this](net::HttpRequest request) {
        request.target = origin_form(request.target);
        return routes_.answer(request);
    }};
    github::TokenCredentials credentials_{[] { return Result<std::string>("good"); }};
    github::GitHubClient github_{github_http_, step_.clock, "http://github.test", credentials_};
    Request request_;
};

}  // namespace runs_agent::agent::action
