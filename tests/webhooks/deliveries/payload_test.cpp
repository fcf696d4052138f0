// SPDX-License-Identifier: MIT
#include "webhooks/deliveries/payload.hpp"

#include "base/time_text.hpp"
#include "tests/webhooks/example_request.hpp"

#include <gtest/gtest.h>

namespace runs_agent::webhooks {
namespace {

using namespace std::string_literals;
using decide::WorkflowRun;

Payload parsed(std::string text) {
    auto payload = Payload::parse(std::move(text));
    if (payload.has_error()) throw std::runtime_error(payload.error().message);
    return std::move(*payload);
}

WorkflowRun facts(std::string text) {
    const auto run = parsed(std::move(text)).workflow_run("github.com");
    if (run.has_error()) throw std::runtime_error(run.error().message);
    return *run;
}

using Changes = std::initializer_list<std::pair<std::string_view, std::string_view>>;

WorkflowRun facts_with(Changes changes) {
    return facts(edited(example_payload(), changes));
}

/// Why there are no facts.
std::string mistake(const std::string& text) {
    const auto run = parsed(text).workflow_run("github.com");
    if (!run.has_error()) return "it was read";
    EXPECT_EQ(run.error().code, Errc::bad_input);
    return run.error().message;
}

TEST(Payload, WhatIsNoJsonObjectIsRefused) {
    const std::pair<std::string, const char*> cases[] = {
        {"", "not JSON"},
        {" \n", "not JSON"},
        {"payload={}", "not JSON"},
        {"{", "not JSON"},
        {R"({"a":1)", "not JSON"},
        {R"({"a":1,})", "not JSON"},
        {R"({"a":1} {})", "not JSON"},
        {R"({"a":1}x)", "not JSON"},
        {R"({'a':1})", "not JSON"},
        {R"({"a":01})", "not JSON"},
        {R"({"a":NaN})", "not JSON"},
        {"{\"a\":\"line\nend\"}", "not JSON"},
        {"{\"a\":1}\0{}"s, "not JSON"},
        {"{\"a\":\"\xff\"}", "not JSON"},
        {"{\"a\":\"\xc0\xaf\"}", "not JSON"},
        {"{\"a\":\"\xed\xa0\x80\"}", "not JSON"},
        {"{\"a\":\"\xf5\x80\x80\x80\"}", "not JSON"},
        {"{\"\xff\":1}", "not JSON"},
        {R"({"a":"\ud800"})", "not JSON"},
        {"[]", "not an object"},
        {"null", "not an object"},
        {"7", "not an object"},
        {R"("{}")", "not an object"},
    };
    for (const auto& [text, says] : cases) {
        const auto payload = Payload::parse(text);
        ASSERT_TRUE(payload.has_error()) << text;
        EXPECT_EQ(payload.error().code, Errc::bad_input);
        EXPECT_NE(payload.error().message.find(says), std::string::npos) << payload.error().message;
    }
    EXPECT_NE(Payload::parse(R"({"a":x})").error().message.find("At byte 5."), std::string::npos);
}

TEST(Payload, DeepNestingHarmsNothing) {
    const std::string deep = std::string(500'000, '[') + std::string(500'000, ']');
    EXPECT_EQ(facts(R"({"deep":)" + deep + "," + example_payload().substr(1)).key.run_id, 1001);
    EXPECT_TRUE(Payload::parse(R"({"deep":)" + std::string(1'000'000, '[')).has_error());
    std::string objects;
    for (int i = 0; i < 100'000; ++i) objects += R"({"a":)";
    EXPECT_TRUE(Payload::parse(objects).has_error());
}

TEST(Payload, TellsWhatEveryEventHas) {
    const Payload payload = parsed(R"({"action":"opened","repository":{"full_name":"octo/demo"}})");
    EXPECT_EQ(payload.action(), "opened");
    EXPECT_EQ(payload.repository(), "octo/demo");
    EXPECT_TRUE(payload.has("repository"));
    EXPECT_FALSE(payload.has("full_name"));
    for (const char* const text :
         {"{}", R"({"action":7,"repository":"octo/demo"})", R"({"action":null,"repository":null})",
          R"({"action":{},"repository":{"full_name":["octo/demo"]}})"}) {
        EXPECT_EQ(parsed(text).action(), "") << text;
        EXPECT_EQ(parsed(text).repository(), "") << text;
    }
}

TEST(Payload, EveryFactIsTaken) {
    const std::string text = R"({
        "action": "completed",
        "workflow_run": {
            "id": 30433642041234, "run_number": 512, "run_attempt": 2, "workflow_id": 5000000000,
            "name": "Build", "path": ".github/workflows/build.yml@refs/heads/main",
            "head_branch": "fix/ünïcode", "head_sha": "c0ffee", "event": "pull_request",
            "status": "completed", "conclusion": "cancelled",
            "actor": {"login": "octocat"}, "triggering_actor": {"login": "hubot"},
            "pull_requests": [{"number": 7}, {"number": 8}],
            "created_at": "2026-01-01T00:00:00Z", "run_started_at": "2026-01-01T02:00:05+01:00",
            "updated_at": "2026-01-01T01:00:09.5Z",
            "head_repository": {"full_name": "fork/demo"},
            "repository": {"full_name": "octo/old-name"}
        },
        "workflow": {"id": 1, "name": "e2e", "path": ".github/workflows/e2e.yml"},
        "repository": {"full_name": "octo/demo", "default_branch": "trunk"}
    })";
    const auto run = parsed(text).workflow_run("github.octo.example");
    ASSERT_TRUE(run.has_value());
    WorkflowRun expected;
    expected.action = "completed";
    expected.key = {"github.octo.example", 30'433'642'041'234};
    expected.attempt = 2;
    expected.run_number = 512;
    expected.repository = "octo/demo";
    expected.default_branch = "trunk";
    expected.workflow_id = 5'000'000'000;
    expected.workflow_name = "e2e";
    expected.workflow_path = ".github/workflows/e2e.yml";
    expected.head_branch = "fix/ünïcode";
    expected.head_sha = "c0ffee";
    expected.head_repository = "fork/demo";
    expected.event = "pull_request";
    expected.status = "completed";
    expected.conclusion = "cancelled";
    expected.actor = "octocat";
    expected.triggering_actor = "hubot";
    expected.pull_requests = {7, 8};
    expected.created_at = *parse_iso8601("2026-01-01T00:00:00.000Z");
    expected.started_at = *parse_iso8601("2026-01-01T01:00:05.000Z");
    expected.updated_at = *parse_iso8601("2026-01-01T01:00:09.500Z");
    EXPECT_EQ(*run, expected);
}

TEST(Payload, ADeletedForkHasNoName) {
    const WorkflowRun run = facts_with({{"workflow_run.head_repository", "null"},
                                        {"workflow_run.head_branch", "null"},
                                        {"workflow_run.actor", "null"},
                                        {"workflow_run.triggering_actor", "null"}});
    EXPECT_EQ(run.head_repository, "");
    EXPECT_EQ(run.head_branch, "");
    EXPECT_EQ(run.actor, "");
    EXPECT_EQ(run.triggering_actor, "");
    EXPECT_EQ(run.repository, "octo/demo");
    EXPECT_EQ(facts_with({{"workflow_run.head_repository", ""}}).head_repository, "");
}

TEST(Payload, IdsAreSixtyFourBitsWide) {
    for (const std::int64_t id :
         {std::int64_t{1}, std::int64_t{4'294'967'296}, std::int64_t{4'294'967'297},
          std::int64_t{9'007'199'254'740'993}, std::int64_t{9'223'372'036'854'775'807}}) {
        const WorkflowRun run = facts_with({{"workflow_run.id", std::to_string(id)},
                                            {"workflow_run.workflow_id", std::to_string(id)},
                                            {"workflow_run.run_number", std::to_string(id)}});
        EXPECT_EQ(run.key.run_id, id);
        EXPECT_EQ(run.workflow_id, id);
        EXPECT_EQ(run.run_number, id);
    }
}

TEST(Payload, WithoutARunIdNothingCanBeDecided) {
    for (const char* const id :
         {"", "null", "0", "-1", "\"1001\"", "1001.5", "1e3", "9223372036854775808", "{}", "true"})
        EXPECT_NE(mistake(edited(example_payload(), {{"workflow_run.id", id}}))
                      .find("no workflow_run.id"),
                  std::string::npos)
            << id;
    for (const char* const run : {"", "null", "[]", "7"})
        EXPECT_NE(
            mistake(edited(example_payload(), {{"workflow_run", run}})).find("no workflow_run.id"),
            std::string::npos)
            << run;
}

TEST(Payload, AnAttemptThatIsNotSaidIsTheFirst) {
    EXPECT_EQ(facts_with({{"workflow_run.run_attempt", ""}}).attempt, 1);
    EXPECT_EQ(facts_with({{"workflow_run.run_attempt", "0"}}).attempt, 1);
    EXPECT_EQ(facts_with({{"workflow_run.run_attempt", "null"}}).attempt, 1);
    EXPECT_EQ(facts_with({{"workflow_run.run_attempt", "2147483647"}}).attempt, 2'147'483'647);
}

TEST(Payload, AnAttemptThatIsNoNumberFromOneIsNotGuessed) {
    for (const char* const attempt :
         {"-1", "2147483648", "9223372036854775808", "1.5", "\"2\"", "true", "[]"})
        EXPECT_EQ(mistake(edited(example_payload(), {{"workflow_run.run_attempt", attempt}})),
                  "workflow_run.run_attempt is not a number from 1")
            << attempt;
}

TEST(Payload, TheRepositoryMayBeTheRunsAlone) {
    const WorkflowRun run = facts_with({{"repository", ""}});
    EXPECT_EQ(run.repository, "octo/demo");
    EXPECT_EQ(run.default_branch, "");
    EXPECT_NE(mistake(edited(example_payload(),
                             {{"repository", "null"}, {"workflow_run.repository", "null"}}))
                  .find("no repository.full_name"),
              std::string::npos);
}

TEST(Payload, TheWorkflowMayBeTheRunsAlone) {
    for (const char* const workflow : {"", "null", "{}", R"({"name":"","path":null})"}) {
        const WorkflowRun run = facts_with(
            {{"workflow", workflow}, {"workflow_run.path", R"(".github/workflows/e2e.yml@main")"}});
        EXPECT_EQ(run.workflow_id, 5001) << workflow;
        EXPECT_EQ(run.workflow_name, "e2e") << workflow;
        EXPECT_EQ(run.workflow_path, ".github/workflows/e2e.yml") << workflow;
    }
    const WorkflowRun run =
        facts_with({{"workflow_run.workflow_id", ""}, {"workflow.id", "7000000000"}});
    EXPECT_EQ(run.workflow_id, 7'000'000'000);
}

TEST(Payload, WhatContradictsItselfIsToldAsItIs) {
    const WorkflowRun run =
        facts_with({{"workflow_run.status", R"("queued")"}, {"workflow_run.conclusion", "null"}});
    EXPECT_EQ(run.action, "completed");
    EXPECT_EQ(run.status, "queued");
    EXPECT_EQ(run.conclusion, "");
    EXPECT_EQ(facts_with({{"workflow_run.conclusion", R"("abandoned")"}}).conclusion, "abandoned");
}

TEST(Payload, AWrongTypeCountsAsNotSaid) {
    const WorkflowRun run = facts_with(
        {{"action", "7"},
         {"workflow", R"("e2e")"},
         {"workflow_run.name", "[]"},
         {"workflow_run.path", "{}"},
         {"workflow_run.run_number", R"("7")"},
         {"workflow_run.workflow_id", "1.5"},
         {"workflow_run.head_branch", "7"},
         {"workflow_run.head_sha", "true"},
         {"workflow_run.head_repository", R"("fork/demo")"},
         {"workflow_run.event", "[]"},
         {"workflow_run.status", "1"},
         {"workflow_run.conclusion", "{}"},
         {"workflow_run.actor", R"("octocat")"},
         {"workflow_run.triggering_actor", R"({"login":7})"},
         {"workflow_run.pull_requests", R"([null, 7, {"number":"7"}, {"number":-7}, {}, "x"])"},
         {"workflow_run.created_at", "1767225600"},
         {"workflow_run.run_started_at", R"("yesterday")"},
         {"workflow_run.updated_at", "null"},
         {"repository.default_branch", "null"}});
    WorkflowRun expected;
    expected.key = {"github.com", 1001};
    expected.repository = "octo/demo";
    EXPECT_EQ(run, expected);
    EXPECT_TRUE(facts_with({{"workflow_run.pull_requests", "7"}}).pull_requests.empty());
}

TEST(Payload, LongTextsAreCutBetweenCharacters) {
    struct Case {
        std::string sent;
        std::size_t kept;
    };
    const Case cases[] = {
        {std::string(1024, 'a'), 1024},          {std::string(1025, 'a'), 1024},
        {std::string(1'000'000, 'a'), 1024},     {std::string(1022, 'a') + "ü", 1024},
        {std::string(1023, 'a') + "ü", 1023},    {std::string(1021, 'a') + "日本", 1024},
        {std::string(1022, 'a') + "日本", 1022}, {std::string(1020, 'a') + "🚀🚀", 1024},
        {std::string(1021, 'a') + "🚀", 1021},   {std::string(1023, 'a') + "🚀", 1023},
    };
    for (const Case& each : cases) {
        const WorkflowRun run = facts_with({{"workflow_run.head_branch", "\"" + each.sent + "\""}});
        EXPECT_EQ(run.head_branch, each.sent.substr(0, each.kept));
    }
}

TEST(Payload, EscapesAreUndone) {
    const auto branch = [](const std::string& json) {
        // Not through `edited`, which would write the escapes anew.
        std::string text = example_payload();
        const std::string before = R"("head_branch":"main")";
        text.replace(text.find(before), before.size(), R"("head_branch":")" + json + "\"");
        return facts(text).head_branch;
    };
    EXPECT_EQ(branch(R"(a\nb)"), "a\nb");
    EXPECT_EQ(branch(R"(a\"b\\c\/d)"), R"(a"b\c/d)");
    EXPECT_EQ(branch(R"(\u00fc\ud83d\ude80)"), "ü🚀");
    EXPECT_EQ(branch(R"(a\u0000b)"), "a\0b"s);
    EXPECT_EQ(branch("\ud7a3한"s), "\ud7a3한");
    // Half a pair is no character.
    EXPECT_EQ(branch(R"(\udc00)"), "\ufffd");
    EXPECT_EQ(branch(R"(a\udfff\udc00b)"), "a\ufffd\ufffdb");
}

}  // namespace
}  // namespace runs_agent::webhooks
