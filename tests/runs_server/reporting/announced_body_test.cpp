// SPDX-License-Identifier: MIT
#include "runs_server/reporting/announced_body.hpp"

#include "runs_server/answers/json_text.hpp"
#include "runs_server/recording/make_run.hpp"
#include "runs_server/reporting/announcement.hpp"
#include "tests/runs_server/reporting/reporting_fixture.hpp"

namespace runs_agent::runs_server {
namespace {

std::string body_with(const std::string& suite, const std::string& more = {}) {
    return R"({"projectId":"p1","ciBuildId":"b1",)" + suite + more + "}";
}

/// "g/a: t1 t2", for each spec that it announces.
std::string suite_of(const AnnouncedBody& announced) {
    std::string text;
    for (const PlannedSpec& planned : announced.request().suite) {
        text += planned.group + "/" + planned.spec + ":";
        for (const std::string& id : planned.test_ids) text += " " + id;
        text += "\n";
    }
    return text;
}

constexpr const char* suite =
    R"("fullTestSuite":[{"name":"g","tests":[{"spec":"a","testId":"t1"},
        {"spec":"a","testId":"t\"2"},{"spec":"b\u0063","testId":"t\ud83d3"}]}])";

TEST(AnnouncedBody, ReadsTheSuiteWhenItIsAsked) {
    AnnouncedBody announced(body_with(suite, R"(,"group":"h","tests":[1])"), "fullTestSuite");
    EXPECT_EQ(announced.wrong(), "");
    EXPECT_TRUE(announced.has_suite());
    EXPECT_EQ(suite_of(announced), "");
    EXPECT_EQ(announced.request().group, "h");
    announced.read_suite();
    EXPECT_EQ(announced.wrong(), "");
    EXPECT_EQ(suite_of(announced),
              "g/a: t\"2 t1\ng/bc: t\xef\xbf\xbd"
              "3\n");
    announced.read_suite();  // it was read
    EXPECT_EQ(announced.request().suite.size(), 2U);
    EXPECT_EQ(member(announced.root(), "tests")->Size(), 1U);
}

TEST(AnnouncedBody, TheSuitesDigestIsOfItsTextAndTheGroupAlone) {
    const auto digest_of = [](const std::string& body) {
        return AnnouncedBody(body, "fullTestSuite").digest();
    };
    const std::string digest = digest_of(body_with(suite));
    EXPECT_EQ(digest_of(body_with(suite, R"(,"machineId":"m2")")), digest);
    EXPECT_NE(digest_of(body_with(suite, R"(,"group":"h")")), digest)
        << "projects without a name are of another group";
    EXPECT_NE(digest_of(body_with(R"("fullTestSuite":[{"name":"g","tests":[{"spec":"a"}]}])")),
              digest);
}

TEST(AnnouncedBody, OneThatIsWrittenLikeNobodysIsReadAllTheSame) {
    for (
        const char* const odd :
        {R"("full\u0054estSuite":[{"name":"g","tests":[{"spec":"a","testId":"t1"}]}])",
         R"("fullTestSuite":[{"name":"g","tests":[{"spec":"a","testId":"t1"}]}],"fullTestSuite":7)"}) {
        AnnouncedBody announced(body_with(odd), "fullTestSuite");
        EXPECT_EQ(announced.wrong(), "") << odd;
        EXPECT_TRUE(announced.has_suite()) << odd;
        EXPECT_EQ(suite_of(announced), "g/a: t1\n") << odd;
    }
}

TEST(AnnouncedBody, OneWithoutTestsAnnouncesNone) {
    for (const char* const none :
         {R"("fullTestSuite":[])", R"("fullTestSuite":null)", R"("suite":[1])",
          R"("fullTestSuite":[{"name":"g","tests":[]}])"}) {
        AnnouncedBody announced(body_with(none), "fullTestSuite");
        announced.read_suite();
        EXPECT_EQ(announced.wrong(), "") << none;
        EXPECT_FALSE(announced.has_suite()) << none;
    }
}

TEST(AnnouncedBody, SaysWhatIsWrongWhereverItIs) {
    const auto wrong_with = [](const std::string& body) {
        AnnouncedBody announced(body, "fullTestSuite");
        announced.read_suite();
        return announced.wrong();
    };
    rapidjson::Document whole;
    for (const std::string& body :
         {body_with(suite) + "x", body_with(R"("fullTestSuite":[1 2])"),
          body_with(R"("fullTestSuite":[tru],"a":1)"), body_with(suite, R"(,"a":nul)"),
          body_with(R"("fullTestSuite":[1)"), std::string("[1]")}) {
        EXPECT_EQ(wrong_with(body), parse_object(body, whole)) << body;
        EXPECT_NE(wrong_with(body), "") << body;
    }
    EXPECT_EQ(wrong_with(body_with(R"("fullTestSuite":7)")), "fullTestSuite must be a list");
    EXPECT_EQ(wrong_with(body_with(R"("fullTestSuite":[{"tests":[{}]}])")),
              "fullTestSuite[].tests[].spec must be a text that is not empty");
    EXPECT_EQ(wrong_with(R"({"fullTestSuite":[7]})"), "projectId is required");
}

TEST_F(ReportingTest, ASuiteThatTheRunHasForgottenSinceIsReadAllTheSame) {
    sqlite::Database database(file());
    AnnouncedBody first(body_with(suite), "fullTestSuite");
    EXPECT_FALSE(knows_suite(database, first));
    const std::string run = make_run(database, first.request(), clock_.now()).id;
    take_suite(database, run, first, clock_.now());
    AnnouncedBody again(body_with(suite), "fullTestSuite");
    EXPECT_TRUE(knows_suite(database, again));
    take_suite(database, run, again, clock_.now());
    EXPECT_EQ(suite_of(again), "") << "the same text again is not read";
    database.execute("DELETE FROM suites");
    database.execute("DELETE FROM specs");
    take_suite(database, run, again, clock_.now());
    EXPECT_EQ(find_by_id(database, run)->facts.specs, 2);
}

TEST_F(ReportingTest, ASuiteThatIsAnnouncedAgainAfterAResetIsAwaitedAnew) {
    start();
    const std::string instance = begin();
    add(instance, "t1", "passed", true);
    add(instance, "t2", "failed", true);
    EXPECT_EQ(state(run_), "COMPLETE");
    start();  // knows it, and does not read it
    EXPECT_EQ(state(run_), "COMPLETE");
    ask("PUT", "/v1/runs/" + run_ + "/reset", R"({"machineId":["m1"]})");
    EXPECT_EQ(state(run_), "IN_PROGRESS");
    start(R"("machineId":"m2")", R"(["t2"])");
    add(begin("m2"), "t2", "passed", true, "m2");
    EXPECT_EQ(state(run_), "COMPLETE");
}

}  // namespace
}  // namespace runs_agent::runs_server
