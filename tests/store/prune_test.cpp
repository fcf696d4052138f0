// SPDX-License-Identifier: MIT
// How much work pruning is: it runs on the thread that deliveries wait for.
#include "store/sqlite/catching_up.hpp"
#include "store/sqlite/deciding.hpp"
#include "store/sqlite/deliveries.hpp"
#include "store/sqlite/schema.hpp"
#include "tests/store/store_fixture.hpp"
#include "tests/temp_dir.hpp"

#include <sqlite3.h>

namespace runs_agent::store {
namespace {

sqlite3* opened = nullptr;

int note(sqlite3* handle, char**, const sqlite3_api_routines*) {
    opened = handle;
    return SQLITE_OK;
}

int count_one(void* count) {
    ++*static_cast<int*>(count);
    return 0;
}

TEST(SqlitePrune, AStepDoesNotLookAtEveryOldDelivery) {
    // Database keeps its handle to itself; SQLite tells us which one it opens.
    const auto hook = reinterpret_cast<void (*)()>(note);
    sqlite3_auto_extension(hook);
    const tests::TempDir dir;
    sqlite::Database database(dir.file("a.db"));
    sqlite3_cancel_auto_extension(hook);
    database.migrate(sqlite_migrations());
    database.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
        " INSERT INTO deliveries(guid, event, action, host, hook_id, repository, received_at,"
        " decided_at) SELECT 'g' || i, 'workflow_run', 'completed', 'github.com', '', 'octo/demo',"
        " i, i FROM n");
    int steps = 0;
    sqlite3_progress_handler(opened, 1, count_one, &steps);
    // All of them are older than their bodies would be kept; none is old enough to go.
    EXPECT_EQ(prune(database, Time(8 * 24h), Retention()), 0);
    EXPECT_GT(steps, 0);
    EXPECT_LT(steps, 2'000);
}

/// Rows of that many deliveries from `first` on, all of that time, with all that is kept of them.
void add_deliveries(sqlite::Database& database, int first, int count, Time at) {
    database.execute("BEGIN");  // one commit for all: they are many
    for (int i = first; i < first + count; ++i) {
        NewDelivery made = delivery("g" + std::to_string(i), i);
        made.received_at = at;
        made.hook_id = std::to_string(i);
        made.repository = "octo/r" + std::to_string(i);
        accept(database, made);
        record_look(database, "look " + std::to_string(i), at);
    }
    const Decider nothing = [](const decide::Event&, const Known&) { return Decision(); };
    while (!decide_next(database, nothing, at, 1000).empty()) {
    }
    database.execute("COMMIT");
}

std::int64_t count_of(sqlite::Database& database, const std::string& table) {
    sqlite::Statement row = database.prepare("SELECT count(*) FROM " + table);
    row.step();
    return row.integer(0);
}

void prune_all(sqlite::Database& database, Time now) {
    while (prune(database, now, Retention()) > 0) {
    }
}

// A clock was years ahead for a while, and has been set right. More rows than a step takes have a
// time that is still to come, and they are the oldest.
TEST(SqlitePrune, TimesThatAreStillToComeStopNothing) {
    const tests::TempDir dir;
    sqlite::Database database(dir.file("a.db"));
    database.migrate(sqlite_migrations());
    add_deliveries(database, 1, 600, start + 20'000 * 24h);
    add_deliveries(database, 601, 600, start);
    prune_all(database, start + 8 * 24h);
    EXPECT_EQ(count_of(database, "bodies"), 600);
    prune_all(database, start + 91 * 24h);
    for (const char* const table :
         {"deliveries", "bodies", "attempts", "hooks", "repositories", "looks"})
        EXPECT_EQ(count_of(database, table), 600) << table;
    prune_all(database, start + 20'091 * 24h);
    for (const char* const table :
         {"deliveries", "bodies", "attempts", "hooks", "repositories", "looks"})
        EXPECT_EQ(count_of(database, table), 0) << table;
}

TEST(SqlitePrune, BodiesGoByTheirAgeInWhateverOrderTheyCame) {
    const tests::TempDir dir;
    sqlite::Database database(dir.file("a.db"));
    database.migrate(sqlite_migrations());
    add_deliveries(database, 1, 3, start + 24h);
    add_deliveries(database, 4, 3, start);  // the clock was set back
    prune_all(database, start + 7 * 24h + 1ms);
    EXPECT_EQ(count_of(database, "bodies"), 3);
    EXPECT_TRUE(show(database, "g1")->body_kept);
    EXPECT_FALSE(show(database, "g4")->body_kept);
}

}  // namespace
}  // namespace runs_agent::store
