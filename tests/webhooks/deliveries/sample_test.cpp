// SPDX-License-Identifier: MIT
#include "webhooks/deliveries/sample.hpp"

#include "base/time_text.hpp"
#include "webhooks/deliveries/payload.hpp"

#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <stdexcept>

namespace runs_agent::webhooks {
namespace {

const Time noon(std::chrono::hours(490'000) + std::chrono::milliseconds(5));

std::string made(const Sample& sample) {
    auto payload = make_payload(sample, noon);
    if (payload.has_error()) throw std::runtime_error(payload.error().message);
    return std::move(*payload);
}

rapidjson::Document json_of(const Sample& sample) {
    rapidjson::Document json;
    json.Parse(made(sample));
    if (!json.IsObject()) throw std::runtime_error("a sample is no JSON object");
    return json;
}

TEST(Sample, ARunIsReadAsItWasSaid) {
    Sample sample;
    sample.repository = "octo/shop";
    sample.head_repository = "fork/shop";
    sample.workflow = "nightly";
    sample.branch = "fix/\"ünï\"\n";
    sample.run_event = "pull_request";
    sample.conclusion = "timed_out";
    sample.actor = "hubot";
    sample.run_id = 30'433'642'041'234;
    sample.run_attempt = 3;
    sample.run_number = 512;
    const auto run = Payload::parse(made(sample))->workflow_run("github.com");
    ASSERT_TRUE(run.has_value());
    decide::WorkflowRun expected;
    expected.action = "completed";
    expected.key = {"github.com", 30'433'642'041'234};
    expected.attempt = 3;
    expected.run_number = 512;
    expected.repository = "octo/shop";
    expected.default_branch = "main";
    expected.workflow_id = run->workflow_id;
    expected.workflow_name = "nightly";
    expected.workflow_path = ".github/workflows/nightly.yml";
    expected.head_branch = "fix/\"ünï\"\n";
    expected.head_sha = run->head_sha;
    expected.head_repository = "fork/shop";
    expected.event = "pull_request";
    expected.status = "completed";
    expected.conclusion = "timed_out";
    expected.actor = "hubot";
    expected.triggering_actor = "hubot";
    expected.created_at = noon;
    expected.started_at = noon;
    expected.updated_at = noon;
    EXPECT_EQ(*run, expected);
    EXPECT_GT(run->workflow_id, 0);
    EXPECT_EQ(run->head_sha.size(), 40U);
}

TEST(Sample, TheHeadRepositoryIsTheRepositoryUnlessSaid) {
    EXPECT_EQ(Payload::parse(made({}))->workflow_run("github.com")->head_repository, "octo/demo");
}

TEST(Sample, OnlyWhatHasCompletedHasAConclusion) {
    for (const char* const event : {"workflow_run", "workflow_job"}) {
        const std::tuple<const char*, const char*, bool> cases[] = {
            {"requested", "queued", false},
            {"queued", "queued", false},
            {"in_progress", "in_progress", false},
            {"completed", "completed", true},
        };
        for (const auto& [action, status, ended] : cases) {
            Sample sample;
            sample.event = event;
            sample.action = action;
            const auto json = json_of(sample);
            const auto& source = json[event];
            EXPECT_STREQ(json["action"].GetString(), action);
            EXPECT_STREQ(source["status"].GetString(), status);
            EXPECT_EQ(source["conclusion"].IsNull(), !ended) << event << ' ' << action;
        }
    }
}

TEST(Sample, AJobBelongsToItsRun) {
    Sample sample;
    sample.event = "workflow_job";
    sample.run_id = 30'433'642'041'234;
    sample.run_attempt = 2;
    const auto json = json_of(sample);
    const auto& job = json["workflow_job"];
    EXPECT_EQ(job["run_id"].GetInt64(), 30'433'642'041'234);
    EXPECT_EQ(job["run_attempt"].GetInt(), 2);
    EXPECT_STREQ(job["conclusion"].GetString(), "cancelled");
    EXPECT_EQ(job["completed_at"].GetString(), to_iso8601(noon));
    EXPECT_TRUE(job["steps"].IsArray());
    EXPECT_STREQ(json["repository"]["full_name"].GetString(), "octo/demo");
    EXPECT_FALSE(json.HasMember("workflow_run"));
}

TEST(Sample, APingHasItsHook) {
    Sample sample;
    sample.event = "ping";
    sample.repository = "demo";
    const auto json = json_of(sample);
    EXPECT_TRUE(json["zen"].IsString());
    EXPECT_TRUE(json["hook_id"].IsInt64());
    EXPECT_FALSE(json.HasMember("action"));
    EXPECT_STREQ(json["repository"]["name"].GetString(), "demo");
    EXPECT_STREQ(json["sender"]["login"].GetString(), "octocat");
}

TEST(Sample, AnEventThatNoneIsKnownForIsAnErrorWithACure) {
    for (const char* const event : {"", "push", "Ping", "workflow_runs"}) {
        Sample sample;
        sample.event = event;
        const auto payload = make_payload(sample, noon);
        ASSERT_TRUE(payload.has_error()) << event;
        EXPECT_EQ(payload.error().code, Errc::bad_input);
        EXPECT_NE(payload.error().message.find("--file"), std::string::npos);
    }
}

}  // namespace
}  // namespace runs_agent::webhooks
