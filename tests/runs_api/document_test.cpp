// SPDX-License-Identifier: MIT
#include "runs_api/document.hpp"

#include <gtest/gtest.h>

namespace runs_agent::runs_api {
namespace {

/// The data of an answer that has some.
Document read(std::string body) {
    auto document = read_document(std::move(body));
    if (document.has_error()) throw std::runtime_error(document.error().message);
    if (!document->has_value()) throw std::runtime_error("no data");
    return std::move(**document);
}

TEST(Document, ReadsARun) {
    const Document document = read(R"({"status":"OK","data":{
        "runId":"r1","projectId":"p1","createdAt":"2026-01-02T03:04:05.006Z","durationMs":61000,
        "tags":["smoke","t\u00e4g"],"completionState":"CANCELED","status":"FAILED",
        "cancellation":{"actor":"api:ci","canceledAt":"2026-01-02T03:05:00.000Z","reason":"apiRequest"},
        "meta":{"ciBuildId":"octo/shop-1-1","commit":{"sha":"abc","branch":"main"}},
        "specs":[
          {"spec":"a.spec.ts","groupId":"g","instanceId":"i1","claimedAt":"2026-01-02T03:04:06.000Z",
           "completedAt":"2026-01-02T03:04:09.000Z","machineId":"m1",
           "results":{"flaky":false,"stats":{"failures":2,"passes":3}}},
          {"spec":"b.spec.ts","groupId":"g","instanceId":"i2","claimedAt":null,"completedAt":null,
           "machineId":null,"results":null}]}})");
    const auto run = document.run();
    EXPECT_EQ(run.run_id, "r1");
    EXPECT_EQ(run.project_id, "p1");
    EXPECT_EQ(run.created_at, "2026-01-02T03:04:05.006Z");
    EXPECT_EQ(run.duration_ms, 61000);
    EXPECT_EQ(run.tags, (std::vector<std::string_view>{"smoke", "t\xc3\xa4g"}));
    EXPECT_EQ(run.completion_state, CompletionState::canceled);
    EXPECT_EQ(run.status, RunStatus::failed);
    ASSERT_TRUE(run.cancellation.has_value());
    EXPECT_EQ(run.cancellation->actor, "api:ci");
    EXPECT_EQ(run.cancellation->canceled_at, "2026-01-02T03:05:00.000Z");
    EXPECT_EQ(run.cancellation->reason, "apiRequest");
    EXPECT_EQ(run.ci_build_id, "octo/shop-1-1");
    EXPECT_EQ(run.branch, "main");
    EXPECT_EQ(run.commit_sha, "abc");
    ASSERT_EQ(run.specs.size(), 2U);
    EXPECT_EQ(run.specs[0].spec, "a.spec.ts");
    EXPECT_EQ(run.specs[0].machine_id, "m1");
    EXPECT_EQ(run.specs[0].failures, 2);
    EXPECT_TRUE(run.specs[0].has_results);
    EXPECT_EQ(run.specs[1].instance_id, "i2");
    EXPECT_EQ(run.specs[1].machine_id, "");
    EXPECT_FALSE(run.specs[1].has_results);
}

TEST(Document, ReadsTheOtherSpellingOfACancellation) {
    const Document document =
        read(R"({"data":{"cancellation":{"cancelledBy":"u","cancelledAt":"t","reason":"r"}}})");
    const auto run = document.run();
    ASSERT_TRUE(run.cancellation.has_value());
    EXPECT_EQ(run.cancellation->actor, "u");
    EXPECT_EQ(run.cancellation->canceled_at, "t");
}

TEST(Document, WhatIsMissingOrOfAnotherTypeIsAbsent) {
    for (
        const char* const data : {
            R"({})",
            R"({"runId":null,"tags":null,"specs":null,"meta":null,"cancellation":null})",
            R"({"runId":1,"projectId":[],"createdAt":{},"durationMs":"1","tags":{"a":1},
                 "completionState":7,"status":[],"cancellation":"yes","meta":[1],"specs":{"a":[]}})",
            R"({"durationMs":null,"tags":[1,null,{}],"specs":[1,null,"x",[]],"meta":{"commit":3},
                 "completionState":"PAUSED","status":"passed"})",
            R"({"specs":[],"meta":{"ciBuildId":1,"commit":{"sha":1,"branch":null}},"durationMs":1e300})",
            R"([])",
            R"([{"runId":1}])",
            R"("text")",
            R"(17)",
            R"(true)",
        }) {
        const Document document = read("{\"data\":" + std::string(data) + "}");
        const auto run = document.run();
        EXPECT_EQ(run.run_id, "") << data;
        EXPECT_FALSE(run.duration_ms.has_value()) << data;
        EXPECT_FALSE(run.completion_state.has_value()) << data;
        EXPECT_FALSE(run.status.has_value()) << data;
        EXPECT_FALSE(run.cancellation.has_value()) << data;
        EXPECT_TRUE(run.tags.empty()) << data;
        EXPECT_TRUE(run.specs.empty()) << data;
        EXPECT_EQ(document.text("runId"), "") << data;
        EXPECT_TRUE(document.project_ids().empty()) << data;
        EXPECT_EQ(document.member_to_json("pwLastRun", false), "") << data;
        for (const auto& each : document.runs()) EXPECT_EQ(each.run_id, "") << data;
    }
    const Document odd = read(R"({"data":{"specs":[{"spec":1,"results":{"stats":[]}},{"results":1},
        {"results":{"stats":{"failures":"2"}}}]}})");
    const auto run = odd.run();
    ASSERT_EQ(run.specs.size(), 3U);
    EXPECT_TRUE(run.specs[0].has_results);
    EXPECT_FALSE(run.specs[1].has_results);
    EXPECT_EQ(run.specs[2].failures, 0);
}

TEST(Document, ACountIsAWholeNumberOrAbsent) {
    const auto count = [](const std::string& data) {
        return read(R"({"data":)" + data + "}").count("resetSpecs");
    };
    EXPECT_EQ(count(R"({"resetSpecs":7})"), 7);
    EXPECT_EQ(count(R"({"resetSpecs":0})"), 0);
    for (const char* const other :
         {"{}", "[]", R"("text")", R"({"resetSpecs":-1})", R"({"resetSpecs":"7"})",
          R"({"resetSpecs":1.5})", R"({"resetSpecs":1e300})", R"({"resetSpecs":99999999999})"})
        EXPECT_EQ(count(other), std::nullopt) << other;
}

TEST(Document, ReadsLists) {
    const Document document = read(
        R"({"status":"OK","has_more":true,"data":[{"runId":"a","cursor":"c1"},{"runId":"b"},3]})");
    const auto runs = document.runs();
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_EQ(runs[0].run_id, "a");
    EXPECT_EQ(runs[0].cursor, "c1");
    EXPECT_EQ(runs[1].run_id, "b");
    EXPECT_TRUE(document.has_more());

    const Document projects =
        read(R"({"data":[{"projectId":"p1"},{"projectId":2},{},{"projectId":"p2"}]})");
    EXPECT_EQ(projects.project_ids(), (std::vector<std::string_view>{"p1", "p2"}));
    EXPECT_FALSE(projects.has_more());
}

TEST(Document, WritesItsDataAgain) {
    const Document document = read(
        R"({"data":{"runId":"r","n":12345678901234,"pwLastRun":{"status":"failed","failedTests":["a-b"]}}})");
    EXPECT_EQ(
        document.to_json(false),
        R"({"runId":"r","n":12345678901234,"pwLastRun":{"status":"failed","failedTests":["a-b"]}})");
    EXPECT_EQ(document.member_to_json("pwLastRun", false),
              R"({"status":"failed","failedTests":["a-b"]})");
    EXPECT_EQ(document.member_to_json("runId", true), "\"r\"");
}

TEST(Document, StaysGoodWhenMoved) {
    Document first = read(R"({"data":{"runId":"r1"}})");  // short enough to lie in a string itself
    const auto run = first.run();
    Document second = std::move(first);
    EXPECT_EQ(run.run_id, "r1");
    EXPECT_EQ(second.text("runId"), "r1");
}

TEST(Document, AnEmptyBodyAndOneWithoutDataAreNoDocument) {
    for (const char* const body :
         {"", " \r\n", "{}", R"({"status":"OK"})", R"({"data":null})", "[]", "\"ok\"", "null"}) {
        const auto document = read_document(body);
        ASSERT_TRUE(document.has_value()) << body;
        EXPECT_FALSE(document->has_value()) << body;
    }
}

TEST(Document, WhatIsNotJsonIsAnError) {
    const std::string deep(100'000, '[');
    for (const std::string& body :
         {std::string("<html>login</html>"), std::string(R"({"data":)"), std::string("{} x"),
          std::string("{\"data\":1}\0{", 12), deep, "{\"data\":" + deep}) {
        const auto document = read_document(body);
        ASSERT_TRUE(document.has_error()) << body.substr(0, 30);
        EXPECT_EQ(document.error().code, Errc::network);
        EXPECT_NE(document.error().message.find("CURRENTS_API_URL"), std::string::npos);
    }
}

TEST(Document, BracketsInTextAreNotDepth) {
    EXPECT_EQ(
        read("{\"data\":{\"runId\":\"\\\"" + std::string(500, '[') + "\"}}").text("runId").size(),
        501U);
}

/// A run of 20,000 specs: every view lies in the very bytes that were handed in.
TEST(Document, TheTextOfALargeRunIsNotCopied) {
    constexpr std::size_t count = 20'000;
    std::string body = R"({"status":"OK","data":{"runId":"run-with-a-long-enough-id","specs":[)";
    for (std::size_t i = 0; i < count; ++i) {
        if (i > 0) body += ',';
        body += R"({"spec":"tests/some/folder/number-)" + std::to_string(i) +
                R"(.spec.ts","machineId":"machine-)" + std::to_string(i % 50) +
                R"(","instanceId":"instance","results":{"stats":{"failures":)" +
                std::to_string(i % 2) + "}}}";
    }
    body += "]}}";
    const char* const begin = body.data();
    const char* const end = begin + body.size();

    const Document document = read(std::move(body));
    const auto run = document.run();
    ASSERT_EQ(run.specs.size(), count);
    const auto inside = [&](std::string_view text) {
        return text.data() >= begin && text.data() + text.size() <= end;
    };
    EXPECT_TRUE(inside(run.run_id));
    std::int64_t failures = 0;
    for (const SpecSummary& spec : run.specs) {
        ASSERT_TRUE(inside(spec.spec) && inside(spec.machine_id) && inside(spec.instance_id));
        failures += spec.failures;
    }
    EXPECT_EQ(failures, 10'000);
    EXPECT_EQ(run.specs.back().spec, "tests/some/folder/number-19999.spec.ts");
}

TEST(ReadError, TakesTheServicesOwnWords) {
    struct Case {
        std::string body;
        std::string words;
    };
    const Case cases[] = {
        {R"({"status":"FAILED","error":"Run not found"})", "Run not found"},
        {R"({"message":"Too\nmany"})", "Too many"},
        {R"({"error":{"message":"nested"}})", "nested"},
        {R"({"error":7,"message":"other"})", "other"},
        {R"({"code":7})", R"({"code":7})"},
        {"<h1>Bad Gateway</h1>\r\n", "<h1>Bad Gateway</h1>"},
        {"", ""},
        {R"({"error":"key s3cret is \u001b[1mbad"})", "key [secret] is [1mbad"},
        {"echo s3cret", "echo [secret]"},
    };
    for (const Case& each : cases) EXPECT_EQ(read_error(each.body, "s3cret"), each.words);
    EXPECT_EQ(read_error(std::string(200'000, 'x'), "").size(), 500U);
}

}  // namespace
}  // namespace runs_agent::runs_api
