// Databases that earlier versions wrote.
#include "sqlite/database.hpp"
#include "store/sqlite/schema.hpp"
#include "tests/store/store_fixture.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

namespace runs_agent::store {
namespace {

class SqliteStoreUpgradeTest : public testing::Test {
protected:
    /// The database as the version left it that did not know `word` in its migrations, with this.
    void written_before(std::string_view word, const char* sql) {
        const auto all = sqlite_migrations();
        const auto found = std::find_if(all.begin(), all.end(), [word](std::string_view step) {
            return step.find(word) != std::string_view::npos;
        });
        ASSERT_NE(found, all.end()) << word;
        const auto known = static_cast<std::size_t>(found - all.begin());
        sqlite::Database database(path_);
        database.migrate(all.first(known));
        database.execute(sql);
    }
    Store& store() {
        if (!store_) store_ = open_sqlite_store(path_).value();
        return *store_;
    }

    tests::TempDir dir_;
    std::string path_ = dir_.file("a.db");
    std::unique_ptr<Store> store_;
};

constexpr const char* a_call =
    "INSERT INTO deliveries(id, guid, event, action, host, hook_id, repository, received_at)"
    " VALUES(1, 'a', 'workflow_run', 'completed', 'github.com', '', 'octo/demo', 0);"
    "INSERT INTO calls(key, delivery_id, host, run_id, attempt, repository, operation, rule,"
    " project_id, ci_build_id, only_if_in_progress, reason, state, planned_at, due_at, outcome)"
    " VALUES('1', 1, 'github.com', 1, 1, '', 'cancel-ci', 'R1', '', '', 0, '', 'dead', 0, 0,"
    " 'given up by hand: 403'), ('2', 1, 'github.com', 1, 2, '', 'cancel-ci', 'R1', '', '', 0, '',"
    " 'dead', 0, 0, 'not accepted: 400')";

TEST_F(SqliteStoreUpgradeTest, WhatAPersonGaveUpIsNoDeadLetterAnyMore) {
    written_before("dropped", a_call);
    const auto shown = tests::run(store().show("a"));
    ASSERT_TRUE(shown.has_value());
    ASSERT_EQ(shown->calls.size(), 2U);
    EXPECT_EQ(shown->calls[0].call.state, CallState::dropped);
    EXPECT_EQ(shown->calls[1].call.state, CallState::dead);
    EXPECT_EQ(tests::run(store().backlog())->dead, 1);
}

// An earlier version took a run that waited for approval for one that had ended.
TEST_F(SqliteStoreUpgradeTest, SweepsOfARunThatWaitedForApprovalAreOver) {
    written_before(
        "alive_at",
        "INSERT INTO deliveries(id, guid, event, action, host, hook_id, repository, received_at)"
        " VALUES(1, 'a', 'workflow_run', 'completed', 'github.com', '', 'octo/demo', 0);"
        "INSERT INTO attempts(host, run_id, attempt, run_group, run_number, completed, conclusion,"
        " heard_at) VALUES('github.com', 1, 1, 'g', 1, 1, 'action_required', 9),"
        " ('github.com', 2, 1, 'g', 2, 1, 'cancelled', 9);"
        "INSERT INTO calls(key, delivery_id, host, run_id, attempt, repository, operation, rule,"
        " project_id, ci_build_id, only_if_in_progress, reason, state, planned_at, due_at)"
        " VALUES('sweep', 1, 'github.com', 1, 1, '', 'cancel-run', 'R2', '', '', 1, '', 'pending',"
        " 0, 0), ('held', 1, 'github.com', 1, 1, '', 'cancel-ci', 'R1', '', '', 0, '', 'held', 0,"
        " 0), ('reset', 1, 'github.com', 1, 1, '', 'reset-run', 'R3', '', '', 0, '', 'pending', 0,"
        " 0), ('other', 1, 'github.com', 2, 1, '', 'cancel-ci', 'R1', '', '', 0, '', 'pending', 0,"
        " 0)");
    const auto shown = tests::run(store().show("a"));
    ASSERT_TRUE(shown.has_value());
    std::vector<CallState> states;
    for (const CallHistory& one : shown->calls) states.push_back(one.call.state);
    EXPECT_EQ(states, (std::vector<CallState>{CallState::succeeded, CallState::succeeded,
                                              CallState::pending, CallState::pending}));
    EXPECT_NE(shown->calls[0].call.outcome.find("waited for approval"), std::string::npos);
    const auto open = tests::run(store().open_attempts("github.com", Time(), 10));
    ASSERT_EQ(open->size(), 1U) << "its true end is looked for";
    EXPECT_EQ(open->at(0).run_id, 1);
}

TEST_F(SqliteStoreUpgradeTest, OldBodiesArePruned) {
    written_before(
        "has_body",
        "INSERT INTO deliveries(id, guid, event, action, host, hook_id, repository, received_at)"
        " VALUES(1, 'a', 'workflow_run', 'completed', 'github.com', '', 'octo/demo', 0);"
        "INSERT INTO bodies(delivery_id, gzip) VALUES(1, x'00')");
    const auto before = tests::run(store().show("a"));
    ASSERT_TRUE(before.has_value());
    EXPECT_TRUE(before->body_kept);
    EXPECT_EQ(*tests::run(store().prune(Time(8 * 24h), Retention())), 1);
    EXPECT_FALSE(tests::run(store().show("a"))->body_kept);
}

// The server said its host otherwise than it is said now; it is the same one all the same.
TEST_F(SqliteStoreUpgradeTest, HostsHaveOneSpelling) {
    written_before(
        "told_hosts",
        "INSERT INTO deliveries(id, guid, event, action, host, hook_id, repository, received_at,"
        " run_id, decided_at, facts) VALUES(1, 'a', 'workflow_run', 'in_progress',"
        " 'GHE.Octo.Example.:443', '', 'octo/Demo', 0, 7, 0,"
        " '{\"host\":\"GHE.Octo.Example.:443\",\"run_id\":7}');"
        "INSERT INTO hooks VALUES('GHE.Octo.Example.:443', 'repository', '42', 'octo/Demo', 9),"
        " ('ghe.octo.example', 'repository', '42', 'octo/Demo', 5),"
        " ('github.com', 'repository', '1', 'octo/Demo', 5);"
        "INSERT INTO repositories VALUES('GHE.Octo.Example.:443', 'octo/Demo', 9);"
        "INSERT INTO attempts(host, run_id, attempt, run_group, run_number, completed, conclusion,"
        " heard_at) VALUES('GHE.Octo.Example.:443', 7, 1, '21:GHE.Octo.Example.:4439:octo/Demo', 1,"
        " 0, '', 9);"
        "INSERT INTO calls(key, delivery_id, host, run_id, attempt, repository, operation, rule,"
        " project_id, ci_build_id, only_if_in_progress, reason, state, planned_at, due_at)"
        " VALUES('cancel-ci/GHE.Octo.Example.:443/7/1/', 1, 'GHE.Octo.Example.:443', 7, 1, '',"
        " 'cancel-ci', 'R1', '', '', 0, '', 'pending', 0, 0)");
    const std::string host = "ghe.octo.example";
    EXPECT_EQ(tests::run(store().hooks(host, Time()))->size(), 1U);
    EXPECT_EQ(tests::run(store().hooks("github.com", Time()))->size(), 1U);
    EXPECT_EQ(*tests::run(store().repositories(host, Time())),
              std::vector<std::string>{"octo/Demo"});
    EXPECT_EQ(tests::run(store().heard_attempts(host, {7}))->size(), 1U);
    EXPECT_EQ(tests::run(store().open_attempts(host, Time(), 10))->size(), 1U);
    const auto shown = tests::run(store().show("a"));
    ASSERT_TRUE(shown.has_value());
    EXPECT_EQ(shown->row.host, host);
    EXPECT_EQ(shown->row.run->key.host, host);
    EXPECT_EQ(shown->calls.at(0).call.planned.run.host, host);
    store_.reset();
    sqlite::Database database(path_);
    sqlite::Statement row = database.prepare("SELECT c.key, a.run_group FROM calls c, attempts a");
    ASSERT_TRUE(row.step());
    EXPECT_EQ(row.text(0), "cancel-ci/ghe.octo.example/7/1/");
    EXPECT_EQ(row.text(1), "16:ghe.octo.example9:octo/Demo");
}

// Two spellings of one host told of the same attempt.
TEST_F(SqliteStoreUpgradeTest, OfTwoSpellingsTheNewerWordStays) {
    for (const auto& [spelled, other] : {std::pair{"GHE.Octo.Example", "ghe.octo.example"},
                                         std::pair{"ghe.octo.example", "GHE.Octo.Example"},
                                         std::pair{"GHE.Octo.Example", "ghe.Octo.example:443"}}) {
        store_.reset();
        for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path_ + end);
        const std::string rows =
            std::string(
                "INSERT INTO deliveries(id, guid, event, action, host, hook_id, repository,"
                " received_at) VALUES(1, 'a', 'workflow_run', 'completed', '") +
            spelled + "', '', 'octo/demo', 0), (2, 'b', 'workflow_run', 'requested', '" + other +
            "', '', 'octo/demo', 0);"
            "INSERT INTO attempts(host, run_id, attempt, run_group, run_number, completed,"
            " conclusion, heard_at) VALUES('" +
            spelled + "', 7, 1, 'g', 1, 1, 'cancelled', 9), ('" + other +
            "', 7, 1, 'g', 1, 0, '', 5);"
            "INSERT INTO calls(key, delivery_id, host, run_id, attempt, repository, operation,"
            " rule, project_id, ci_build_id, only_if_in_progress, reason, state, planned_at,"
            " due_at) VALUES('cancel-ci/" +
            spelled + "/7/1/', 1, '" + spelled +
            "', 7, 1, '', 'cancel-ci', 'R1', '', '', 0, '', 'pending', 0, 0), ('cancel-ci/" +
            other + "/7/1/', 2, '" + other +
            "', 7, 1, '', 'cancel-ci', 'R1', '', '', 0, '', 'pending', 0, 0)";
        written_before("told_hosts", rows.c_str());
        EXPECT_EQ(tests::run(store().open_attempts("ghe.octo.example", Time(), 10))->size(), 0U)
            << spelled << " said later that it had ended";
        EXPECT_EQ(tests::run(store().heard_attempts("ghe.octo.example", {7}))->size(), 1U);
        EXPECT_EQ(tests::run(store().claim_due(Time(1h), Time(2h), 10))->size(), 1U) << "once";
        EXPECT_EQ(tests::run(store().backlog())->pending, 1) << "and by one of them";
    }
}

}  // namespace
}  // namespace runs_agent::store
