// How much work pruning is: it runs on the thread that deliveries wait for.
#include "store/sqlite/operations.hpp"
#include "store/sqlite/schema.hpp"
#include "tests/store/store_fixture.hpp"

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

TEST(Prune, AStepDoesNotLookAtEveryOldDelivery) {
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

}  // namespace
}  // namespace runs_agent::store
