// SPDX-License-Identifier: MIT
// What the store knows of where deliveries come from, and of what was missed.
#include "store/sqlite/catching_up.hpp"

#include "sqlite/database.hpp"
#include "store/sqlite/schema.hpp"
#include "tests/store/store_fixture.hpp"

#include <algorithm>

namespace runs_agent::store {
namespace {

class StoreCatchingUpTest : public StoreTest {
protected:
    static NewDelivery from_hook(const std::string& guid, Time at = start,
                                 const std::string& owner = "octo/demo") {
        NewDelivery made = delivery(guid);
        made.hook_id = "42";
        made.hook_kind = "repository";
        made.hook_owner = owner;
        made.repository = owner;
        made.received_at = at;
        return made;
    }
    std::vector<HeardHook> hooks(Time since = start) {
        return *tests::run(store_->hooks("github.com", since));
    }
    std::vector<std::string> repositories(Time since = start) {
        return *tests::run(store_->repositories("github.com", since));
    }
    std::vector<OpenAttempt> open_attempts(Time since = start, int limit = 100) {
        return *tests::run(store_->open_attempts("github.com", since, limit));
    }
    NewDelivery beginning(const std::string& guid, std::int64_t run_id, int attempt = 1) {
        NewDelivery made = delivery(guid, run_id, attempt);
        run_in(made).action = "in_progress";
        run_in(made).conclusion = "";
        return made;
    }
};

// The id names the event: a repository's hook, an organization's and an App's all send the same.
TEST_F(StoreCatchingUpTest, EachHookThatSendsTheSameEventIsKnown) {
    EXPECT_EQ(accept(from_hook("a")), Accepted::stored);
    NewDelivery second = from_hook("a");
    second.hook_id = "77";
    second.hook_kind = "organization";
    second.hook_owner = "octo";
    EXPECT_EQ(accept(second), Accepted::duplicate);
    NewDelivery app = from_hook("a", start + 2h);
    app.hook_kind = "integration";
    EXPECT_EQ(accept(app), Accepted::duplicate);
    EXPECT_EQ(hooks().size(), 3U);
    EXPECT_EQ(repositories(start + 1h).size(), 1U) << "and so is when it was heard of last";
}

TEST_F(StoreCatchingUpTest, AHookIsKnownOnceADeliveryCameFromIt) {
    EXPECT_TRUE(hooks().empty());
    accept(delivery("without a hook"));
    EXPECT_TRUE(hooks().empty());
    accept(from_hook("a"));
    NewDelivery app = from_hook("app");
    app.hook_kind = "integration";
    app.hook_owner = "";
    accept(app);
    NewDelivery elsewhere = from_hook("e");
    elsewhere.host = "github.octo.example";
    accept(elsewhere);

    const auto known = hooks();
    ASSERT_EQ(known.size(), 2U);
    EXPECT_EQ(known[0].kind, "integration");
    EXPECT_EQ(known[0].owner, "");
    EXPECT_EQ(known[1].kind, "repository");
    EXPECT_EQ(known[1].owner, "octo/demo");
    EXPECT_EQ(known[1].id, "42");
    EXPECT_EQ(known[1].heard_at, start);
}

TEST_F(StoreCatchingUpTest, WhenAHookWasHeardOfIsRightToTheHour) {
    accept(from_hook("a"));
    accept(from_hook("b", start + 59min));
    EXPECT_EQ(hooks().at(0).heard_at, start);
    accept(from_hook("c", start + 2h));
    EXPECT_EQ(hooks().at(0).heard_at, start + 2h);
    accept(from_hook("late", start));
    EXPECT_EQ(hooks().at(0).heard_at, start + 2h);
    EXPECT_TRUE(hooks(start + 3h).empty());
    EXPECT_TRUE(repositories(start + 3h).empty());
}

TEST_F(StoreCatchingUpTest, AHookIsKnownByItsOwnersNewestName) {
    accept(from_hook("a"));
    accept(from_hook("b", start + 1min, "octo/renamed"));
    ASSERT_EQ(hooks().size(), 1U);
    EXPECT_EQ(hooks()[0].owner, "octo/renamed");
    EXPECT_EQ(repositories(), (std::vector<std::string>{"octo/demo", "octo/renamed"}));
}

TEST_F(StoreCatchingUpTest, RepositoriesAreThoseWithSomethingToDecide) {
    NewDelivery push = from_hook("p");
    push.facts.reset();
    accept(push);
    EXPECT_TRUE(repositories().empty());
    accept(from_hook("a"));
    EXPECT_EQ(repositories(), std::vector<std::string>{"octo/demo"});
}

TEST_F(StoreCatchingUpTest, WhatIsNotStoredIsFound) {
    accept(delivery("a"));
    EXPECT_EQ(*tests::run(store_->unknown_guids({"c", "a", "b"})),
              (std::vector<std::string>{"c", "b"}));
    EXPECT_TRUE(tests::run(store_->unknown_guids({}))->empty());
}

TEST_F(StoreCatchingUpTest, OpenAttemptsAreTheNewestOfTheirRunThatHaveNotEnded) {
    accept(beginning("open", 1));
    accept(beginning("first", 2));
    accept(beginning("second", 2, 2));
    accept(beginning("begun", 3));
    accept(delivery("ended", 3));
    decide();
    std::vector<std::pair<std::int64_t, int>> found;
    for (const OpenAttempt& open : open_attempts()) {
        EXPECT_EQ(open.repository, "octo/demo");
        found.emplace_back(open.run_id, open.attempt);
    }
    EXPECT_EQ(found, (std::vector<std::pair<std::int64_t, int>>{{1, 1}, {2, 2}}));
    EXPECT_EQ(open_attempts(start, 1).size(), 1U);
    EXPECT_TRUE(open_attempts(start + 1h).empty());
}

TEST_F(StoreCatchingUpTest, ABusyRepositorysOpenAttemptsLeaveRoomForTheOthers) {
    NewDelivery quiet = beginning("q", 1);
    quiet.repository = "octo/quiet";
    accept(quiet);
    for (int run = 2; run <= 5; ++run) {
        NewDelivery busy = beginning("b" + std::to_string(run), run);
        busy.received_at = start + run * 1min;
        accept(busy);
    }
    decide();
    std::vector<std::int64_t> found;
    for (const OpenAttempt& open : open_attempts(start, 2)) found.push_back(open.run_id);
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found.size(), 3U);
    EXPECT_EQ(found.front(), 1) << "the oldest, but of a repository of its own";
}

TEST_F(StoreCatchingUpTest, AnOpenAttemptIsInItsRunsNewestRepository) {
    accept(beginning("a", 1));
    NewDelivery moved = beginning("b", 1);
    moved.repository = "octo/renamed";
    accept(moved);
    decide();
    ASSERT_EQ(open_attempts().size(), 1U);
    EXPECT_EQ(open_attempts()[0].repository, "octo/renamed");
}

TEST_F(StoreCatchingUpTest, WhatEventsToldOfRunsIsKnown) {
    accept(delivery("a", 1));
    accept(beginning("b", 1, 2));
    accept(delivery("other", 9));
    decide();
    const auto heard = *tests::run(store_->heard_attempts("github.com", {1, 5}));
    ASSERT_EQ(heard.size(), 2U);
    EXPECT_EQ(heard[0].known.attempt, 1);
    EXPECT_TRUE(heard[0].known.completed());
    EXPECT_EQ(heard[1].run_id, 1);
    EXPECT_EQ(heard[1].known.attempt, 2);
    EXPECT_FALSE(heard[1].known.completed());
}

TEST_F(StoreCatchingUpTest, TheLastLookOutlivesARestart) {
    EXPECT_FALSE(tests::run(store_->last_look("hook"))->has_value());
    ASSERT_TRUE(tests::run(store_->record_look("hook", start)).has_value());
    ASSERT_TRUE(tests::run(store_->record_look("hook", start + 5min)).has_value());
    open();
    EXPECT_EQ(*tests::run(store_->last_look("hook")), start + 5min);
    EXPECT_FALSE(tests::run(store_->last_look("another"))->has_value());
}

TEST_F(StoreCatchingUpTest, WhatIsLongUnheardOfIsForgotten) {
    accept(from_hook("a"));
    ASSERT_TRUE(tests::run(store_->record_look("hook", start)).has_value());
    ASSERT_TRUE(tests::run(store_->prune(start + 91 * 24h, Retention{})).has_value());
    EXPECT_TRUE(hooks().empty());
    EXPECT_TRUE(repositories().empty());
    EXPECT_FALSE(tests::run(store_->last_look("hook"))->has_value());
}

TEST(SqliteStoreMigration, TheRepositoriesOfEarlierDeliveriesAreKnown) {
    const tests::TempDir dir;
    {
        sqlite::Database database(dir.file("a.db"));
        database.migrate(sqlite_migrations().first(3));
        database.execute(
            "INSERT INTO deliveries(guid, event, action, host, hook_id, repository, received_at,"
            " run_id) VALUES('a', 'workflow_run', 'completed', 'github.com', '7', 'octo/demo', 5, "
            "1),"
            " ('b', 'workflow_run', 'completed', 'github.com', '7', 'octo/demo', 9, 2),"
            " ('c', 'ping', '', 'github.com', '7', 'octo/quiet', 9, NULL)");
    }
    sqlite::Database database(dir.file("a.db"));
    database.migrate(sqlite_migrations());
    EXPECT_EQ(repositories(database, "github.com", Time(std::chrono::milliseconds(9))),
              std::vector<std::string>{"octo/demo"});
}

}  // namespace
}  // namespace runs_agent::store
