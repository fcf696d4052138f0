// SPDX-License-Identifier: MIT
#include "runs_server/setup/schema.hpp"

#include "runs_server/orchestrating/hand_out.hpp"
#include "runs_server/recording/reports.hpp"
#include "runs_server/recording/rows.hpp"
#include "runs_server/recording/spec_tests.hpp"
#include "runs_server/setup/keys.hpp"
#include "runs_server/setup/projects.hpp"
#include "sqlite/database.hpp"
#include "tests/temp_dir.hpp"

#include <gtest/gtest.h>

namespace runs_agent::runs_server {
namespace {

using sqlite::Database;

/// What the first version had written.
void write_first_version(const std::string& path) {
    Database database(path);
    database.migrate(migrations().first(1));
    database.execute(R"sql(
        INSERT INTO projects(id, name, created_at) VALUES('p1', 'shop', 1);
        INSERT INTO runs(id, project_id, ci_build_id, github_run_id, github_run_attempt, created_at,
            active_at, branch, commit_json, framework_json, tags_json)
            VALUES('r1', 'p1', 'b1', '7', 1, 1, 2, 'main', '{}', '{}', '["a"]');
        INSERT INTO groups VALUES('r1', 'g', '{}');
        INSERT INTO specs(id, run_id, group_name, spec, machine_id, claimed_at, completed_at, results,
            overall, failures) VALUES('s1', 'r1', 'g', 'a', 'm', 1, 2, '{"stats":{"passes":3},"tests":[{"testId":"t"}]}', 2, 1);
        INSERT INTO keys(kind, name, hash, read_only, created_at) VALUES('api', 'k',
            '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae', 0, 1);
    )sql");
}

/// The database of a later version, with a run r1 of project p1 and its group g.
void make_run_in(Database& database, std::size_t version) {
    database.migrate(migrations().first(version));
    database.execute(R"sql(
        INSERT INTO projects(id, name, created_at) VALUES('p1', 'shop', 1);
        INSERT INTO runs(seq, id, project_id, ci_build_id, github_run_id, github_run_attempt, created_at,
            active_at, branch, commit_json, framework_json, tags_json)
            VALUES(1, 'r1', 'p1', 'b1', '7', 1, 1, 2, 'main', '{}', '{}', '[]');
        INSERT INTO groups(run_id, name, platform_json) VALUES('r1', 'g', '{}');
    )sql");
}

TEST(Schema, ADatabaseOfTheFirstVersionKeepsWhatItHolds) {
    const tests::TempDir dir;
    const std::string path = dir.file("api.db");
    write_first_version(path);
    Database database(path);
    database.migrate(migrations());
    const auto run = find_by_build_id(database, "p1", "b1");
    ASSERT_TRUE(run);
    EXPECT_EQ(run->id, "r1");
    EXPECT_EQ(run->facts.specs_complete, 1);
    EXPECT_EQ(run->facts.specs_failed, 1);
    EXPECT_EQ(run->facts.inactivity, std::chrono::minutes(30));
    EXPECT_FALSE(run->previous_run_id);
    EXPECT_EQ(texts_of(run->tags_json), std::set<std::string>{"a"});
    EXPECT_EQ(all_projects(database).at(0).name, "shop");
    sqlite::Statement row =
        database.prepare("SELECT s.stats, t.tests FROM specs s JOIN tests t ON t.spec_id = s.id");
    ASSERT_TRUE(row.step());
    EXPECT_EQ(row.text(0), "{\"passes\":3}");
    EXPECT_EQ(row.text(1), "[{\"testId\":\"t\"}]");
    EXPECT_TRUE(find_key(database, KeyKind::api, "foo"));
    sqlite::Statement last = database.prepare("SELECT seq FROM last_seq");
    ASSERT_TRUE(last.step());
    EXPECT_EQ(last.integer(0), run->seq);
}

TEST(Schema, WhatTheThirdVersionHadResetIsStillOwed) {
    const tests::TempDir dir;
    Database database(dir.file("api.db"));
    make_run_in(database, 3);
    database.execute(R"sql(
        INSERT INTO specs(id, run_id, group_name, spec) VALUES('s1', 'r1', 'g', 'a');
        INSERT INTO specs(id, run_id, group_name, spec) VALUES('s2', 'r1', 'g', 'b');
        INSERT INTO tests(spec_id, tests, earlier) VALUES('s1', '[]',
            '[{"testId":"t","state":"failed"}]'), ('s2', '[]', '[{"testId":"u","state":"passed"}]');
        INSERT INTO reports(spec_id, machine_id, digest, taken) VALUES('s1', 'm', '', 0), ('s2', 'n', 'd', 1);
    )sql");
    database.migrate(migrations());
    const auto run = find_by_build_id(database, "p1", "b1");
    ASSERT_TRUE(run);
    EXPECT_EQ(run->facts.specs_failed_before, 1);
    EXPECT_TRUE(is_at_work(database, "r1", "m"));
    EXPECT_FALSE(is_at_work(database, "r1", "other"));
    EXPECT_TRUE(earlier_report(database, "s1", "m", "")->stale);
    EXPECT_FALSE(earlier_report(database, "s2", "n", "d")->stale);
}

TEST(Schema, ADatabaseOfALaterVersionIsRefused) {
    const tests::TempDir dir;
    Database database(dir.file("api.db"));
    database.execute("PRAGMA user_version = 99");
    EXPECT_THROW(database.migrate(migrations()), sqlite::SqliteError);
}

TEST(Schema, WhatTheFourthVersionHadRecordedIsAsItWas) {
    const tests::TempDir dir;
    Database database(dir.file("api.db"));
    make_run_in(database, 4);
    database.execute(R"sql(
        INSERT INTO specs(id, run_id, group_name, spec, machine_id, completed_at, stats, passes)
            VALUES('s1', 'r1', 'g', 'a', 'm', 2, '{}', 1);
        INSERT INTO tests(spec_id, tests) VALUES('s1', '[{"testId":"t","state":"passed"}]');
    )sql");
    database.migrate(migrations());
    const auto run = find_by_build_id(database, "p1", "b1");
    ASSERT_TRUE(run);
    EXPECT_EQ(run->facts.specs_complete, 1);
    EXPECT_EQ(tests_of(database, "s1").current, R"([{"testId":"t","state":"passed"}])");
    EXPECT_EQ(all_projects(database).at(0).fail_fast, 0);
    // Under no other id of GitHub's kind than its own attempt's.
    EXPECT_TRUE(find_by_build_or_attempt(database, "p1", "octo/shop-7-1"));
    EXPECT_FALSE(find_by_build_or_attempt(database, "p1", "octo/shop-7-2"));
}

TEST(Schema, WhatTheSixthVersionHandedOutIsStillItsMachines) {
    const tests::TempDir dir;
    Database database(dir.file("api.db"));
    make_run_in(database, 6);
    database.execute(R"sql(
        INSERT INTO specs(id, run_id, group_name, spec, machine_id, handed)
            VALUES('s1', 'r1', 'g', 'a', 'm', 1), ('s2', 'r1', 'g', 'b', NULL, 0);
    )sql");
    database.migrate(migrations());
    EXPECT_EQ(hand_out(database, "r1", "n", Lanes(), Time()).specs.at(0).spec, "b");
    EXPECT_EQ(hand_out(database, "r1", "m", Lanes(), Time()).specs.at(0).spec, "a");
    EXPECT_TRUE(find_by_id(database, "r1")) << "none of them is deleted";
}

}  // namespace
}  // namespace runs_agent::runs_server
