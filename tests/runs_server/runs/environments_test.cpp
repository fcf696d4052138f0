// SPDX-License-Identifier: MIT
// Where a run's groups are tested: told by its reporters, shown, and what lists are filtered by.
#include "tests/runs_server/server_fixture.hpp"

namespace runs_agent::runs_server {
namespace {

class Environments : public ServerTest {
protected:
    /// Of one group each, by `path` and with the suite under the name that it has there.
    HttpResponse announce_groups(const std::string& path, const std::string& suite,
                                 const std::string& build, const std::string& groups) {
        return ask("POST", path,
                   R"({"recordKey":"foo","projectId":"p1","machineId":"m1","clientId":"c",)"
                   R"("ciBuildId":")" +
                       build + R"(",")" + suite + R"(":[)" + groups + "]}");
    }
    static std::string group(const std::string& name, const std::string& environment) {
        return R"({"name":")" + name + R"(","environment":)" + environment +
               R"(,"tests":[{"spec":"a","testId":"t"}]})";
    }
    /// The build ids, the newest first.
    std::string listed(const std::string& query) {
        const auto answer = json(ask("GET", "/v1/projects/p1/runs?" + query));
        std::string builds;
        for (const auto& run : answer["data"].GetArray())
            (builds += run["meta"]["ciBuildId"].GetString()) += ' ';
        return builds;
    }
    std::string members(const std::string& run_id) {
        const auto answer = json(ask("GET", "/v1/runs/" + run_id));
        std::string text;
        for (const auto& one : answer["data"]["groups"].GetArray())
            text += std::string(one["groupId"].GetString()) + '=' +
                    (one["environment"].IsNull() ? "null" : one["environment"].GetString()) + ' ';
        for (const auto& one : answer["data"]["environments"].GetArray())
            (text += ' ') += one.GetString();
        return text;
    }
};

TEST_F(Environments, AreShownOfEachGroupAndOfTheRun) {
    const auto made = announce_groups(
        "/v1/runs", "fullTestSuite", "b1",
        group("g", R"(" staging ")") + "," + group("h", R"("production")") + "," +
            group("i", "null") + "," + group("j", R"("staging")") + "," + group("k", R"("")"));
    ASSERT_EQ(made.status, 200) << made.body;
    const std::string run = json(made)["runId"].GetString();
    EXPECT_EQ(members(run), "g=staging h=production i=null j=staging k=null  production staging");
    // One that says nothing of it changes nothing; one that says another tells of now.
    record(results("a"));
    EXPECT_EQ(members(run).substr(0, 10), "g=staging ");
    announce_groups("/v1/runs", "fullTestSuite", "b1", group("g", R"("preview")"));
    EXPECT_EQ(members(run).substr(0, 10), "g=preview ");
}

TEST_F(Environments, ThatAreKnownAreNotWrittenAgain) {
    announce_groups("/v1/runs", "fullTestSuite", "b1", group("g", R"("staging")"));
    sqlite::Database database(file());
    database.execute(
        "CREATE TABLE written(name); CREATE TRIGGER w AFTER UPDATE ON groups BEGIN"
        " INSERT INTO written VALUES(NEW.environment); END");
    announce_groups("/v1/runs", "fullTestSuite", "b1", group("g", R"("staging")"));
    announce_groups("/v1/runs", "fullTestSuite", "b1", group("g", R"("preview")"));
    sqlite::Statement rows = database.prepare("SELECT group_concat(name) FROM written");
    rows.step();
    EXPECT_EQ(rows.text(0), "preview");
}

TEST_F(Environments, AnyOfThoseThatAreAskedForMatches) {
    announce_groups("/v1/runs", "fullTestSuite", "b1", group("g", R"("staging")"));
    announce_groups("/runs/v1", "fullTestSuite", "b2",
                    group("g", R"("production")") + "," + group("h", R"("staging")"));
    announce_groups("/orchestration-v1", "suite", "b3", group("g", R"("preview")"));
    announce_groups("/v1/runs", "fullTestSuite", "b4", group("g", "null"));
    EXPECT_EQ(listed(""), "b4 b3 b2 b1 ");
    EXPECT_EQ(listed("environments[]=staging"), "b2 b1 ");
    EXPECT_EQ(listed("environments%5B%5D=preview&environments%5B%5D=production"), "b3 b2 ");
    EXPECT_EQ(listed("environments[]=Staging"), "");
    EXPECT_EQ(listed("environments[]=staging&tags[]=none"), "");
}

TEST_F(Environments, MustBeATextWhereItIsThere) {
    const auto refused =
        announce_groups("/v1/runs", "fullTestSuite", "b1", group("g", R"(["staging"])"));
    EXPECT_EQ(refused.status, 400);
    EXPECT_NE(refused.body.find("fullTestSuite[].environment"), std::string::npos);
}

}  // namespace
}  // namespace runs_agent::runs_server
