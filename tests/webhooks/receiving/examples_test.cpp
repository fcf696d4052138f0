// SPDX-License-Identifier: MIT
// GitHub's own example payloads, as the npm package @octokit/webhooks-examples has them: from the
// signed request to the decision. Without the package these tests fail; `script/bootstrap --tests`
// installs it.
#include "decide/decide.hpp"
#include "tests/captured_log.hpp"
#include "tests/manual_clock.hpp"
#include "tests/run_awaitable.hpp"
#include "tests/webhooks/fake_store.hpp"
#include "tests/webhooks/receiving/facts_of.hpp"
#include "webhooks/receiving/receiver.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

namespace runs_agent::webhooks {
namespace {

using decide::WorkflowRun;

struct Example {
    std::string event;
    std::string payload;
};

/// All examples of one GitHub: "api.github.com", or "ghes-35" and the like.
std::vector<Example> examples_of(const std::string& github) {
    const char* const source = std::getenv("RUNS_AGENT_SOURCE_DIR");
    if (source == nullptr) throw std::runtime_error("RUNS_AGENT_SOURCE_DIR is not set");
    const std::string path = std::string(source) +
                             "/tests/.deps/node_modules/@octokit/webhooks-examples/" + github +
                             "/index.json";
    std::ifstream file(path, std::ios::binary);
    std::ostringstream content;
    content << file.rdbuf();
    rapidjson::Document events;
    events.Parse(content.str());
    if (!events.IsArray())
        throw std::runtime_error(path + " cannot be read; run script/bootstrap --tests");
    std::vector<Example> examples;
    for (const auto& event : events.GetArray())
        for (const auto& example : event["examples"].GetArray())
            examples.push_back({event["name"].GetString(), to_text(example)});
    return examples;
}

/// The facts of a signed delivery of it.
WorkflowRun facts_of(const Example& example, const std::string& enterprise_host = "") {
    net::HttpRequest request = example_request(example.payload, example.event);
    if (!enterprise_host.empty()) request.headers.add("X-GitHub-Enterprise-Host", enterprise_host);
    return webhooks::facts_of(std::move(request));
}

std::string body_of(const std::string& status, const std::string& guid) {
    std::string body = R"({"status":")";
    return body.append(status).append(R"(","delivery":")").append(guid).append("\"}");
}

/// The first of the examples: it contradicts itself in more than one place.
void expect_manual_run(const WorkflowRun& run, const std::string& host) {
    EXPECT_EQ(run.key, (decide::RunKey{host, 1'589'141'559}));
    EXPECT_EQ(run.action, "completed");
    EXPECT_EQ(run.status, "queued");
    EXPECT_EQ(run.conclusion, "");
    EXPECT_EQ(run.attempt, 1);
    EXPECT_EQ(run.run_number, 36);
    EXPECT_EQ(run.workflow_id, 16'340'987);
    EXPECT_EQ(run.workflow_name, "Manually triggered workflow");
    EXPECT_EQ(run.workflow_path, ".github/workflows/syntax.yml");
    EXPECT_EQ(run.repository, "Codertocat/Hello-World");
    EXPECT_EQ(run.head_repository, "octo-org/octo-repo");
    EXPECT_EQ(run.default_branch, "main");
    EXPECT_EQ(run.head_branch, "main");
    EXPECT_EQ(run.event, "workflow_dispatch");
    const auto decision = decide::decide(run, {}, {});
    EXPECT_EQ(decision.rule, decide::Rule::none);
    EXPECT_TRUE(decision.calls.empty());
    EXPECT_EQ(decision.reason,
              "attempt 1 of run 1589141559 (Manually triggered workflow in "
              "Codertocat/Hello-World) is said to be completed, but without a conclusion (its "
              "status is queued)");
}

/// The others are about one run.
void expect_dispatched_run(const WorkflowRun& run) {
    EXPECT_EQ(run.key, (decide::RunKey{"github.com", 289'782'451}));
    EXPECT_EQ(run.attempt, 1);
    EXPECT_EQ(run.run_number, 163);
    EXPECT_EQ(run.workflow_id, 2'823'525);
    EXPECT_EQ(run.workflow_name, "test");
    EXPECT_EQ(run.workflow_path, ".github/workflows/test.yml");
    EXPECT_EQ(run.repository, "octo-org/octo-repo");
    EXPECT_EQ(run.head_repository, "octo-org/octo-repo");
    EXPECT_EQ(run.default_branch, "master");
    EXPECT_EQ(run.head_branch, "master");
    EXPECT_EQ(run.head_sha, "3484a3fb816e0859fd6e1cea078d76385ff50625");
    EXPECT_EQ(run.event, "repository_dispatch");
    EXPECT_EQ(run.actor, "Codertocat");
    EXPECT_EQ(run.triggering_actor, "Codertocat");
    EXPECT_EQ(run.created_at, Time(std::chrono::seconds(1'601'915'604)));
    EXPECT_EQ(run.started_at, run.created_at + std::chrono::seconds(25));
}

TEST(Examples, EveryWorkflowRunOfGitHubIsDecided) {
    std::vector<WorkflowRun> runs;
    for (const Example& example : examples_of("api.github.com"))
        if (example.event == "workflow_run") runs.push_back(facts_of(example));
    ASSERT_EQ(runs.size(), 5U);
    expect_manual_run(runs[0], "github.com");

    struct Case {
        const char* action;
        const char* status;
        const char* conclusion;
        std::vector<std::int64_t> pull_requests;
        const char* reason;
    };
    const Case cases[] = {
        {"completed", "completed", "success", {}, "ended as success, which is not in cancel_on"},
        {"completed", "completed", "success", {2}, "ended as success, which is not in cancel_on"},
        {"requested", "queued", "", {}, "is not completed (requested)"},
        {"requested", "completed", "action_required", {}, "is not completed (requested)"},
    };
    for (std::size_t i = 0; i < std::size(cases); ++i) {
        const WorkflowRun& run = runs[i + 1];
        expect_dispatched_run(run);
        EXPECT_EQ(run.action, cases[i].action);
        EXPECT_EQ(run.status, cases[i].status);
        EXPECT_EQ(run.conclusion, cases[i].conclusion);
        EXPECT_EQ(run.pull_requests, cases[i].pull_requests);
        const auto decision = decide::decide(run, {}, {});
        EXPECT_EQ(decision.rule, decide::Rule::none);
        EXPECT_TRUE(decision.calls.empty());
        EXPECT_EQ(decision.reason, std::string("attempt 1 of run 289782451 (test in "
                                               "octo-org/octo-repo) ") +
                                       cases[i].reason);
    }
}

TEST(Examples, EveryWorkflowRunIsActedOnWhereThePolicyAsksForIt) {
    decide::Policy policy;
    policy.defaults.cancel_on = {"success"};
    int acted_on = 0;
    for (const Example& example : examples_of("api.github.com")) {
        if (example.event != "workflow_run") continue;
        const auto decision = decide::decide(facts_of(example), policy, {});
        if (decision.rule != decide::Rule::cancelled) continue;
        ++acted_on;
        ASSERT_EQ(decision.calls.size(), 1U);
        EXPECT_EQ(decision.calls[0].key(), "cancel-ci/github.com/289782451/1/");
        EXPECT_EQ(decision.calls[0].ci_build_id, "octo-org/octo-repo-289782451-1");
    }
    EXPECT_EQ(acted_on, 2);
}

TEST(Examples, EveryWorkflowRunOfEnterpriseServersIsDecided) {
    for (const char* const version : {"ghes-31", "ghes-32", "ghes-33", "ghes-34", "ghes-35"}) {
        int seen = 0;
        for (const Example& example : examples_of(version)) {
            if (example.event != "workflow_run") continue;
            ++seen;
            expect_manual_run(facts_of(example, "github.octo.example"), "github.octo.example");
        }
        EXPECT_EQ(seen, 1) << version;
    }
}

TEST(Examples, EveryOtherEventIsAcceptedAndIgnored) {
    // How many examples each has in version 7.6.1; fewer would mean that they were not read.
    const std::map<std::string, std::size_t> counts{{"api.github.com", 329}, {"ghes-31", 49},
                                                    {"ghes-32", 49},         {"ghes-33", 50},
                                                    {"ghes-34", 124},        {"ghes-35", 125}};
    const tests::ManualClock clock;
    tests::CapturedLog log(clock);
    for (const auto& [github, count] : counts) {
        FakeStore store;
        int announced = 0;
        Metrics metrics;
        Receiver receiver(store, clock, log.log(), metrics, {example_secret}, [&] { ++announced; });
        std::size_t runs = 0;
        const std::vector<Example> examples = examples_of(github);
        EXPECT_EQ(examples.size(), count) << github;
        for (std::size_t i = 0; i < examples.size(); ++i) {
            const std::string& event = examples[i].event;
            const std::string guid = "guid-" + std::to_string(i);
            const auto response =
                tests::run(receiver.handle(example_request(examples[i].payload, event, guid)));
            const std::string action = Payload::parse(examples[i].payload)->action();
            const bool decided =
                event == "workflow_run" || (event == "workflow_job" && action == "completed");
            const std::string status = event == "ping" ? "pong" : decided ? "accepted" : "ignored";
            EXPECT_EQ(response.status, event == "ping" ? 200 : 202) << event;
            EXPECT_EQ(response.body, body_of(status, guid));
            ASSERT_EQ(store.accepted.size(), i + 1);
            const store::NewDelivery& stored = store.accepted.back();
            EXPECT_EQ(stored.facts.has_value(), decided) << event;
            EXPECT_EQ(stored.ignored_because.empty(), decided) << event;
            EXPECT_EQ(stored.body.empty(), !decided) << event;
            if (decided) ++runs;
        }
        EXPECT_EQ(announced, static_cast<int>(runs)) << github;
        EXPECT_GT(runs, 0U) << github;
    }
}

}  // namespace
}  // namespace runs_agent::webhooks
