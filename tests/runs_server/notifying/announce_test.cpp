// SPDX-License-Identifier: MIT
#include "runs_server/notifying/announce.hpp"

#include "runs_server/notifying/hooks.hpp"
#include "tests/runs_server/server_fixture.hpp"

namespace runs_agent::runs_server {
namespace {

class Announce : public ServerTest {
protected:
    /// One hook for all events, unless the test makes its own.
    std::string make_hook(const std::string& members = "") {
        const auto made = ask("POST", "/v1/webhooks?projectId=p1",
                              R"({"url":"https://a.example")" + members + "}");
        EXPECT_EQ(made.status, 201) << made.body;
        return json(made)["data"]["hookId"].GetString();
    }

    /// What waits to be sent, in its order.
    std::vector<std::string> events() {
        sqlite::Database database(file());
        sqlite::Statement rows = database.prepare("SELECT event FROM outbox ORDER BY seq");
        std::vector<std::string> found;
        while (rows.step()) found.push_back(rows.text(0));
        return found;
    }
    rapidjson::Document last_body() {
        sqlite::Database database(file());
        sqlite::Statement row =
            database.prepare("SELECT body FROM outbox ORDER BY seq DESC LIMIT 1");
        rapidjson::Document body;
        if (row.step()) body.Parse(row.text(0).c_str());
        return body;
    }
    bool time_out() {
        sqlite::Database database(file());
        database.execute("BEGIN");
        const bool any = time_out_runs(database, "http://fallback/v1", clock_.now());
        database.execute("COMMIT");
        return any;
    }

    using Events = std::vector<std::string>;
};

TEST_F(Announce, ARunThatBeginsAndFinishesIsToldOfOnceEach) {
    make_hook();
    const std::string run = announce();
    EXPECT_EQ(events(), Events{"RUN_START"});
    record(results("a"));
    EXPECT_EQ(events(), Events{"RUN_START"});
    record(results("b"));
    EXPECT_EQ(events(), (Events{"RUN_START", "RUN_FINISH"}));
    record(results("b"));
    EXPECT_EQ(events().size(), 2U);
    const auto body = last_body();
    EXPECT_STREQ(body["event"].GetString(), "RUN_FINISH");
    EXPECT_STREQ(body["buildId"].GetString(), "b1");
    EXPECT_EQ(body["runUrl"].GetString(), "http://runs.example:4000/v1/runs/" + run);
    EXPECT_EQ(body["overall"].GetInt(), 2);
    EXPECT_EQ(body["passes"].GetInt(), 2);
    for (const char* const name : {"failures", "pending", "skipped", "retries", "flaky"})
        EXPECT_EQ(body[name].GetInt(), 0) << name;
    EXPECT_TRUE(body["commit"]["sha"].IsNull());
    EXPECT_TRUE(body["tags"].IsArray());
    EXPECT_FALSE(body.HasMember("groupId"));
}

TEST_F(Announce, WhatBeginsAndEndsInOneRequestIsToldOfInItsOrder) {
    make_hook();
    record(results("a"));
    EXPECT_EQ(events(), (Events{"RUN_START", "RUN_FINISH"}));
}

TEST_F(Announce, EachGroupOfSeveralHasARequestOfItsOwn) {
    make_hook(R"(,"hookEvents":["RUN_FINISH"])");
    record(R"("fullTestSuite":[{"name":"g","tests":[{"spec":"a"}]},)"
           R"({"name":"h","tags":["t"],"tests":[{"spec":"a"}]}])");
    record(results("a"));
    record(R"("group":"h","instances":[{"groupId":"h","spec":"a",)"
           R"("results":{"stats":{"tests":3,"passes":1,"failures":2}}}])");
    ASSERT_EQ(events(), (Events{"RUN_FINISH", "RUN_FINISH"}));
    const auto body = last_body();
    ASSERT_TRUE(body.HasMember("groupId"));
    EXPECT_STREQ(body["groupId"].GetString(), "h");
    EXPECT_EQ(body["failures"].GetInt(), 2);
    EXPECT_EQ(body["overall"].GetInt(), 3);
    EXPECT_STREQ(body["tags"][0].GetString(), "t");
}

TEST_F(Announce, WhatAReporterMakesLongIsCut) {
    make_hook(R"(,"hookEvents":["RUN_START"])");
    std::string groups;
    std::string tags;
    for (int i = 0; i < 150; ++i) {
        const std::string comma = i == 0 ? "" : ",";
        groups += comma + R"({"name":"g)" + std::to_string(i) + R"(","tests":[{"spec":"a"}]})";
        tags += comma + "\"t" + std::to_string(i) + "\"";
    }
    std::string message(4095, 'x');
    for (int i = 0; i < 5'000; ++i) message += "\u00e4";
    record(R"("fullTestSuite":[)" + groups + R"(],"tags":[)" + tags +
           R"(],"ci":{"provider":"x"},"commit":{"sha":"s","message":")" + message + R"("})");
    EXPECT_EQ(events().size(), 150U);
    const auto body = last_body();
    EXPECT_EQ(body["commit"]["message"].GetString(), std::string(4095, 'x') + "\u2026");
    EXPECT_STREQ(body["commit"]["sha"].GetString(), "s");
    EXPECT_EQ(body["tags"].Size(), 100U);
}

TEST_F(Announce, ACancelledRunIsToldOfWhoeverCancelsIt) {
    make_hook();
    const std::string run = announce();
    ask("PUT", "/v1/runs/" + run + "/cancel");
    EXPECT_EQ(events(), (Events{"RUN_START", "RUN_CANCELED"}));
    ask("PUT", "/v1/runs/" + run + "/cancel");
    record(results("a"));
    record(results("b"));
    EXPECT_EQ(events().size(), 2U);
}

TEST_F(Announce, ARunThatIsReopenedFinishesAgain) {
    make_hook();
    const std::string run = announce();
    record(results("a"));
    record(R"("group":"g","instances":[{"groupId":"g","spec":"b",)"
           R"("results":{"stats":{"tests":1,"failures":1}}}])");
    EXPECT_EQ(events().back(), "RUN_FINISH");
    EXPECT_EQ(ask("PUT", "/v1/runs/" + run + "/reset", R"({"machineId":["m1"]})").status, 200);
    EXPECT_EQ(state(run), "IN_PROGRESS");
    EXPECT_EQ(events().size(), 2U);
    record(results("b"));
    EXPECT_EQ(events(), (Events{"RUN_START", "RUN_FINISH", "RUN_FINISH"}));
}

TEST_F(Announce, ARunOfWhichNothingIsHeardTimesOutOnce) {
    make_hook();
    const std::string run = announce();
    clock_.advance(std::chrono::minutes(30));
    EXPECT_FALSE(time_out());
    clock_.advance(std::chrono::milliseconds(1));
    EXPECT_TRUE(time_out());
    EXPECT_FALSE(time_out());
    EXPECT_EQ(events(), (Events{"RUN_START", "RUN_TIMEOUT"}));
    // As whoever began it knows this server.
    EXPECT_EQ(last_body()["runUrl"].GetString(), "http://runs.example:4000/v1/runs/" + run);
    EXPECT_EQ(ask("PUT", "/v1/runs/" + run + "/reset", R"({"machineId":["m1"]})").status, 200);
    EXPECT_EQ(state(run), "IN_PROGRESS");
    clock_.advance(std::chrono::minutes(31));
    EXPECT_TRUE(time_out());
    EXPECT_EQ(events().size(), 3U);
}

TEST_F(Announce, ARunThatIsDeletedIsToldOfNoMore) {
    make_hook();
    announce();
    {
        // As it is while its rows are being removed.
        sqlite::Database database(file());
        database.execute("UPDATE runs SET deleted_at = 1");
    }
    clock_.advance(std::chrono::minutes(31));
    time_out();
    EXPECT_FALSE(time_out());
    sqlite::Database database(file());
    EXPECT_FALSE(next_time_out(database));
    EXPECT_EQ(events(), Events{"RUN_START"});
}

TEST_F(Announce, WhenTheNextRunTimesOutIsKnown) {
    sqlite::Database database(file());
    EXPECT_FALSE(next_time_out(database));
    announce();
    EXPECT_EQ(next_time_out(database),
              clock_.now() + std::chrono::minutes(30) + std::chrono::milliseconds(1));
    record(results("a"));
    record(results("b"));
    EXPECT_FALSE(next_time_out(database));
}

TEST_F(Announce, AHookHearsOfWhatItAskedForAndOfWhatHappensOnceItIsThere) {
    announce();
    const std::string finish = make_hook(R"(,"hookEvents":["RUN_FINISH","RUN_TIMEOUT"])");
    EXPECT_EQ(events(), Events{});
    clock_.advance(std::chrono::hours(1));
    const std::string late = make_hook();
    EXPECT_TRUE(time_out());
    // It had timed out before the second was there.
    EXPECT_EQ(events(), Events{"RUN_TIMEOUT"});
    ask("DELETE", "/v1/webhooks/" + finish);
    EXPECT_EQ(events(), Events{});
    EXPECT_EQ(ask("GET", "/v1/webhooks/" + late).status, 200);
}

TEST_F(Announce, OtherProjectsHooksHearNothing) {
    {
        sqlite::Database database(file());
        ensure_project(database, "p2", clock_.now());
    }
    EXPECT_EQ(ask("POST", "/v1/webhooks?projectId=p2", R"({"url":"https://a.example"})").status,
              201);
    announce();
    EXPECT_EQ(events(), Events{});
}

TEST_F(Announce, WhatIsTakenBackIsNotToldOf) {
    make_hook();
    const std::string run = announce();
    sqlite::Database database(file());
    database.execute("BEGIN");
    database.execute("UPDATE runs SET canceled_at = 1");
    EXPECT_TRUE(announce_changes(database, "http://x/v1", clock_.now()));
    database.execute("ROLLBACK");
    EXPECT_EQ(events(), Events{"RUN_START"});
    EXPECT_EQ(state(run), "IN_PROGRESS");
}

TEST_F(Announce, RunsOfEarlierVersionsAreToldOfOnlyWhenTheyChange) {
    tests::TempDir dir;
    sqlite::Database database(dir.file("old.db"));
    database.migrate(migrations().first(8));
    database.execute(R"sql(
        INSERT INTO projects(id, name, created_at) VALUES('p1', 'shop', 1);
        INSERT INTO runs(seq, id, project_id, ci_build_id, github_run_id, github_run_attempt, created_at,
            active_at, canceled_at, branch, commit_json, framework_json, tags_json)
            VALUES(1, 'done', 'p1', 'b1', '', 1, 1, 2, NULL, 'main', '{}', '{}', '[]'),
            (2, 'gone', 'p1', 'b2', '', 1, 1, 2, 3, 'main', '{}', '{}', '[]'),
            (3, 'open', 'p1', 'b3', '', 1, 1, 2, NULL, 'main', '{}', '{}', '[]');
        UPDATE runs SET active_at = CAST(strftime('%s', 'now') AS INTEGER) * 1000 WHERE id = 'open';
        INSERT INTO runs(seq, id, project_id, ci_build_id, github_run_id, github_run_attempt, created_at,
            active_at, canceled_at, branch, commit_json, framework_json, tags_json)
            VALUES(4, 'late', 'p1', 'b4', '', 1, 1, 2, NULL, 'main', '{}', '{}', '[]');
        INSERT INTO groups(run_id, name, platform_json) VALUES('done', 'g', '{}'), ('open', 'g', '{}');
        INSERT INTO specs(id, run_id, group_name, spec, completed_at, stats)
            VALUES('s1', 'done', 'g', 'a', 2, '{}'), ('s2', 'open', 'g', 'a', 2, '{}'),
            ('s3', 'open', 'g', 'b', NULL, NULL);
    )sql");
    database.migrate(migrations());
    database.execute(
        "INSERT INTO hooks(id, project_id, url, events, created_at)"
        " VALUES('h', 'p1', 'https://a.example', '[\"RUN_FINISH\",\"RUN_START\"]', 0)");
    EXPECT_FALSE(announce_changes(database, "http://x/v1", Time(std::chrono::milliseconds(5))));
    sqlite::Statement told = database.prepare("SELECT group_concat(told) FROM runs");
    told.step();
    EXPECT_EQ(told.text(0), "COMPLETE,CANCELED,IN_PROGRESS,TIMEOUT");
    database.execute("UPDATE specs SET completed_at = 4, stats = '{}' WHERE id = 's3'");
    EXPECT_TRUE(announce_changes(database, "http://x/v1", Time(std::chrono::milliseconds(5))));
    sqlite::Statement row = database.prepare("SELECT event, run_id FROM outbox");
    ASSERT_TRUE(row.step());
    EXPECT_EQ(row.text(0) + row.text(1), "RUN_FINISHopen");
    EXPECT_FALSE(row.step());
}

}  // namespace
}  // namespace runs_agent::runs_server
