// SPDX-License-Identifier: MIT
// A run may be told of by its webhook, or by what GitHub's REST API shows of it when that was
// missed. What follows must be the same, so the facts must be.
#include "base/time_text.hpp"
#include "decide/decide.hpp"
#include "github/document.hpp"
#include "tests/decide/telling.hpp"
#include "webhooks/deliveries/facts.hpp"
#include "webhooks/deliveries/made_up.hpp"

#include <gtest/gtest.h>

namespace runs_agent::webhooks {
namespace {

using decide::WorkflowRun;

std::string quoted(const std::string& text) {
    return "\"" + text + "\"";
}

std::string time_text(Time time) {
    return quoted(to_iso8601(time));
}

/// The run as GitHub writes it, in both ways: with a `run-name`, its name is its title.
std::string run_json(const WorkflowRun& run, const std::string& title, bool has_run_name) {
    const std::string head = run.head_repository.empty()
                                 ? "null"
                                 : R"({"full_name":)" + quoted(run.head_repository) + "}";
    return R"({"id":)" + std::to_string(run.key.run_id) + R"(,"name":)" +
           quoted(has_run_name ? title : run.workflow_name) + R"(,"display_title":)" +
           quoted(title) + R"(,"path":)" + quoted(run.workflow_path) + R"(,"run_number":)" +
           std::to_string(run.run_number) + R"(,"run_attempt":)" + std::to_string(run.attempt) +
           R"(,"event":)" + quoted(run.event) + R"(,"status":)" + quoted(run.status) +
           R"(,"conclusion":)" + (run.conclusion.empty() ? "null" : quoted(run.conclusion)) +
           R"(,"workflow_id":)" + std::to_string(run.workflow_id) + R"(,"head_branch":)" +
           quoted(run.head_branch) + R"(,"head_sha":)" + quoted(run.head_sha) +
           R"(,"created_at":)" + time_text(run.created_at) + R"(,"run_started_at":)" +
           time_text(run.started_at) + R"(,"updated_at":)" + time_text(run.updated_at) +
           R"(,"actor":{"login":"octocat"},"head_repository":)" + head + "}";
}

WorkflowRun facts_of(const std::string& payload) {
    const auto parsed = Payload::parse(payload);
    EXPECT_TRUE(parsed.has_value());
    const auto facts = read_facts("workflow_run", "github.com", *parsed);
    return std::get<WorkflowRun>(std::get<decide::Event>(facts));
}

WorkflowRun by_webhook(const WorkflowRun& run, const std::string& json) {
    return facts_of(R"({"action":)" + quoted(run.action) + R"(,"workflow_run":)" + json +
                    R"(,"workflow":{"id":)" + std::to_string(run.workflow_id) + R"(,"name":)" +
                    quoted(run.workflow_name) + R"(,"path":)" + quoted(run.workflow_path) +
                    R"(},"repository":{"full_name":"octo/demo","default_branch":"main"}})");
}

/// As a round of catching up has it: it asks for the workflow where the run does not name it.
WorkflowRun by_list(const WorkflowRun& run, const std::string& json) {
    github::Page page;
    page.body = json;
    const auto listed = github::read_run(page);
    EXPECT_TRUE(listed.has_value());
    std::string workflow;
    if (!listed->names_workflow) {
        page.body = R"({"id":)" + std::to_string(run.workflow_id) + R"(,"name":)" +
                    quoted(run.workflow_name) + R"(,"path":)" + quoted(run.workflow_path) + "}";
        const auto asked = github::read_workflow(page);
        EXPECT_TRUE(asked.has_value());
        workflow = asked->json;
    }
    github::Repository home;
    home.json = R"({"full_name":"octo/demo","default_branch":"main"})";
    return facts_of(synthesize_delivery(*listed, home, workflow, "github.com").payload);
}

/// Rules by the workflow's name, and a build id that is made of it.
decide::Policy by_name() {
    decide::Policy policy;
    decide::PolicyRule ignored;
    ignored.workflow = {"nightly"};
    ignored.settings.ignore = true;
    decide::PolicyRule named;
    named.workflow = {"e2e"};
    named.settings.ci_build_id = std::get<decide::BuildIdTemplate>(decide::BuildIdTemplate::parse(
        "${{ github.workflow }}-${{ github.run_id }}-${{ github.run_attempt }}"));
    named.settings.sweep_orphans = true;
    policy.rules = {ignored, named};
    return policy;
}

TEST(TwoWays, OfWhateverHappenedTheFactsAndTheDecisionsAreTheSame) {
    const char* const workflows[] = {"e2e", "nightly"};
    const char* const titles[] = {"Deploy 7 by octocat", "e2e", "nightly", "Fix the build"};
    int compared = 0;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        decide::tests::Random random(seed);
        const auto world = decide::tests::make_world(seed);
        for (const auto& told : decide::tests::Teller(world, seed).by_lists()) {
            WorkflowRun run = std::get<WorkflowRun>(told.event);
            run.status = run.action;
            run.workflow_name = random.pick(workflows);
            const std::string title = random.pick(titles);
            const std::string json = run_json(run, title, world.circumstances.has_run_names);
            const WorkflowRun came = by_webhook(run, json);
            const WorkflowRun listed = by_list(run, json);
            ASSERT_EQ(came, listed) << "SEED=" << seed << " " << title;
            EXPECT_EQ(came.workflow_name, run.workflow_name);
            EXPECT_EQ(decide::decide(came, by_name(), {}), decide::decide(listed, by_name(), {}));
            ++compared;
        }
    }
    EXPECT_GT(compared, 1000);
}

TEST(TwoWays, WhereTheWorkflowsNameIsNotKnownARuleThatAsksForItLeavesTheRunAlone) {
    WorkflowRun run = std::get<WorkflowRun>(
        decide::tests::Teller(decide::tests::make_world(1), 1).by_lists().front().event);
    run.action = run.status = "completed";
    run.conclusion = "cancelled";
    const std::string title = "Deploy 7 by octocat";
    const std::string payload = R"({"action":"completed","workflow_run":)" +
                                run_json(run, title, true) +
                                R"(,"repository":{"full_name":"octo/demo"}})";
    const WorkflowRun unnamed = facts_of(payload);
    EXPECT_EQ(unnamed.workflow_name, "");
    const decide::Decision decision = decide::decide(unnamed, by_name(), {});
    EXPECT_TRUE(decision.calls.empty());
    EXPECT_NE(decision.reason.find("asks for the name"), std::string::npos) << decision.reason;
    // By its file it is known all the same.
    decide::Policy by_path = by_name();
    by_path.rules[0].workflow = {".github/workflows/nightly.yml"};
    by_path.rules[1].workflow = {run.workflow_path};
    EXPECT_EQ(decide::decide(unnamed, by_path, {}).calls.size(), 1U);
    // And where no rule asks.
    EXPECT_EQ(decide::decide(unnamed, {}, {}).calls.size(), 1U);
}

}  // namespace
}  // namespace runs_agent::webhooks
