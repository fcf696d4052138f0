// SPDX-License-Identifier: MIT
// Databases that earlier versions wrote.
#include "sqlite/database.hpp"
#include "store/sqlite/schema.hpp"
#include "store/sqlite_store.hpp"
#include "tests/store/store_fixture.hpp"

#include <algorithm>
#include <filesystem>
#include <tuple>
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
        "INSERT INTO deliveries(id, guid, event, action, host, hook_id, repository, received_at,"
        " run_id) VALUES(1, 'a', 'workflow_run', 'completed', 'github.com', '', 'octo/demo', 0, 1);"
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

TEST_F(SqliteStoreUpgradeTest, AnEndWasToldOnceAsFarAsIsKnown) {
    written_before(
        "ended_first",
        "INSERT INTO attempts(host, run_id, attempt, run_group, run_number, completed, conclusion,"
        " heard_at, head_sha, created_at, started_at, alive_at, ended_started_at, ended_at)"
        " VALUES('github.com', 1, 1, '', 1, 1, 'failure', 0, '', 0, 0, 0, 60000, 120000)");
    store();
    sqlite::Database database(path_);
    sqlite::Statement row = database.prepare("SELECT ended_first, ended_at FROM attempts");
    ASSERT_TRUE(row.step());
    EXPECT_EQ(row.integer(0), 120000);
    EXPECT_EQ(row.integer(1), 120000);
}

TEST_F(SqliteStoreUpgradeTest, OfWhatWasToldOfAnAttemptTheLastIsKnown) {
    written_before(
        "tellings",
        "INSERT INTO attempts(host, run_id, attempt, run_group, run_number, completed, conclusion,"
        " heard_at, started_at, alive_at, ended_started_at, ended_at, ended_first)"
        " VALUES('github.com', 1001, 1, '', 1, 0, 'failure', 0, 60000, 480000, 60000, 120000,"
        " 120000)");
    ASSERT_TRUE(tests::run(store().accept(delivery("a"))).has_value());
    Known seen;
    const Decider looking = [&seen](const decide::Event&, const Known& known) {
        seen = known;
        return Decision();
    };
    ASSERT_TRUE(tests::run(store().decide_next(looking, start, 1)).has_value());
    ASSERT_EQ(seen.attempts.size(), 1U);
    EXPECT_TRUE(seen.attempts[0].tellings.empty());
    // A life that keeps its start: it had begun when it was last told of, at the latest.
    EXPECT_EQ(seen.attempts[0].had_begun_by(), Time(480s));
    EXPECT_EQ(seen.attempts[0].began_no_sooner_than(), Time(120s));
}

TEST_F(SqliteStoreUpgradeTest, WhichPolicyHeldInAnOldDecisionIsNotMadeUp) {
    written_before(
        "policy TEXT",
        "INSERT INTO deliveries(id, guid, event, action, host, hook_id, repository, received_at,"
        " decided_at, rule, reason) VALUES(1, 'a', 'workflow_run', 'completed', 'github.com', '',"
        " 'octo/demo', 0, 9, 'R1', 'because')");
    const auto shown = tests::run(store().show("a"));
    ASSERT_TRUE(shown.has_value());
    EXPECT_EQ(shown->row.rule, "R1");
    EXPECT_FALSE(shown->row.policy);
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
        " ('GHE.Octo.Example.:443', 'organization', '43', 'octo', 9),"
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
    EXPECT_EQ(tests::run(store().hooks(host, Time()))->size(), 2U);
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

/// What two spellings of one host told of attempt 1 of run 7, the first of them later: that it has
/// ended. What else there is must stay: other attempts and runs, and another host's run 7.
std::string told_twice(const std::string& spelled, const std::string& other,
                       const std::string& state) {
    const auto call = [&state](const std::string& host, const std::string& delivery) {
        return "('cancel-ci/" + host + "/7/1/', " + delivery + ", '" + host +
               "', 7, 1, '', 'cancel-ci', 'R1', '', '', 0, '', '" + state + "', 0, 0, '" + state +
               "' = 'held', 0)";
    };
    return "INSERT INTO deliveries(id, guid, event, action, host, hook_id, repository, received_at,"
           " run_id) VALUES(1, 'a', 'workflow_run', 'completed', '" +
           spelled + "', '', 'octo/demo', 0, 7), (2, 'b', 'workflow_run', 'requested', '" + other +
           "', '', 'octo/demo', 0, 7);"
           "INSERT INTO attempts(host, run_id, attempt, run_group, run_number, completed,"
           " conclusion, heard_at) VALUES('" +
           spelled + "', 7, 1, 'g', 1, 1, 'cancelled', 9), ('" + other +
           "', 7, 1, 'g', 1, 0, '', 5), ('" + spelled + "', 8, 1, 'g', 2, 1, 'failure', 3), ('" +
           spelled +
           "', 8, 2, 'g', 2, 1, 'failure', 4), ('Other.Example', 7, 1, 'g', 1, 0, '', 10);"
           "INSERT INTO calls(key, delivery_id, host, run_id, attempt, repository, operation, rule,"
           " project_id, ci_build_id, only_if_in_progress, reason, state, planned_at, due_at,"
           " refused, last_tried_at) VALUES" +
           call(spelled, "1") + ", " + call(other, "2");
}

TEST_F(SqliteStoreUpgradeTest, OfTwoSpellingsTheNewerWordStays) {
    const std::pair<const char*, const char*> pairs[] = {
        {"GHE.Octo.Example", "ghe.octo.example"},
        {"ghe.octo.example", "GHE.Octo.Example"},
        {"GHE.Octo.Example", "ghe.Octo.example:443"},
        {"ghe.octo.example:80", "ghe.octo.example."},
    };
    const std::string host = "ghe.octo.example";
    for (const auto& [spelled, other] : pairs) {
        for (const char* const state : {"pending", "held"}) {
            store_.reset();
            for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path_ + end);
            written_before("told_hosts", told_twice(spelled, other, state).c_str());
            EXPECT_EQ(tests::run(store().open_attempts(host, Time(), 10))->size(), 0U)
                << spelled << " said later that it had ended";
            EXPECT_EQ(tests::run(store().heard_attempts(host, {7}))->size(), 1U);
            EXPECT_EQ(tests::run(store().heard_attempts(host, {8}))->size(), 2U);
            EXPECT_EQ(tests::run(store().heard_attempts("other.example", {7}))->size(), 1U);
            std::ignore = tests::run(store().resume_held(Time(1h), 0ms, 10));
            EXPECT_EQ(
                tests::run(store().claim_due(Time(1h), Time(2h), 10, runs_api_service))->size(), 1U)
                << state;
            const Backlog left = *tests::run(store().backlog());
            EXPECT_EQ(left.pending + left.held, 1) << "it is done once";
        }
    }
}

// What is looked for is read from the facts, also of deliveries that were there before; and facts
// that cannot be read keep nobody from anything.
TEST_F(SqliteStoreUpgradeTest, DeliveriesOfBeforeAreFoundByTheirNames) {
    written_before(
        "deliveries_names",
        "INSERT INTO deliveries(id, guid, event, action, host, hook_id, repository, received_at,"
        " run_id, facts, decided_at, rule) VALUES"
        " (1, 'a', 'workflow_run', 'completed', 'github.com', '', 'octo/demo', 0, 1,"
        " '{\"run_id\":1,\"head_branch\":\"main\",\"actor\":\"ada\"}', 0, 'R1'),"
        " (2, 'b', 'workflow_run', 'completed', 'github.com', '', 'octo/demo', 0, 2,"
        " 'not JSON', 0, 'R5')");
    DeliverySearch search;
    search.branch = "main";
    search.actor = "ada";
    auto page = tests::run(store().search(search));
    ASSERT_TRUE(page.has_value()) << page.error().message;
    ASSERT_EQ(page->rows.size(), 1U);
    EXPECT_EQ(page->rows[0].guid, "a");
    search = {};
    search.repository = "octo/*";
    page = tests::run(store().search(search));
    ASSERT_TRUE(page.has_value()) << page.error().message;
    EXPECT_EQ(page->rows.size(), 2U);
}

}  // namespace
}  // namespace runs_agent::store
