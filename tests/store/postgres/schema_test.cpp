// SPDX-License-Identifier: MIT
// The tables in PostgreSQL while replicas of two versions use them. Needs a server: see
// any_store.hpp.
#include "store/postgres/schema.hpp"

#include "postgres/connection.hpp"
#include "tests/store/store_fixture.hpp"

#include <atomic>
#include <optional>
#include <thread>

namespace runs_agent::store {
namespace {

constexpr const char* as_the_first_version =
    "INSERT INTO deliveries(guid, event, action, host, hook_id, repository, received_at,"
    " run_lane) VALUES(CAST(clock_timestamp() AS TEXT), 'push', '', 'github.com', '',"
    " 'octo/demo', 0, 0)";

class PostgresSchema : public testing::Test {
protected:
    postgres::Connection connection() const {
        return {postgres::read_target(any_.place()).value(), postgres::TimeLimits()};
    }
    AnyStore any_;
};

TEST_F(PostgresSchema, ManyThatStartAtOnceMakeItOnce) {
    std::vector<std::thread> starting;
    starting.reserve(6);
    std::atomic<int> opened{0};
    for (int i = 0; i < 6; ++i)
        starting.emplace_back([&] {
            if (open_postgres_store(any_.place()).has_value()) ++opened;
        });
    for (std::thread& thread : starting) thread.join();
    EXPECT_EQ(opened, 6);
    EXPECT_EQ(any_.ask("SELECT count(*) FROM schema_migrations"),
              std::to_string(postgres_migrations().size()));
}

TEST_F(PostgresSchema, AnOlderProgramGoesOnAfterAMigrationThatOnlyAdds) {
    any_.open().reset();
    std::vector<PostgresMigration> next(postgres_migrations().begin(), postgres_migrations().end());
    next.push_back({"ALTER TABLE calls ADD COLUMN colour TEXT NOT NULL DEFAULT ''", 1});
    auto newer = connection();
    ASSERT_TRUE(migrate(newer, next).has_value());
    EXPECT_NE(any_.open(), nullptr);
}

TEST_F(PostgresSchema, TheVersionsBeforeGoOnBesideThis) {
    const auto all = postgres_migrations();
    auto direct = connection();
    ASSERT_TRUE(migrate(direct, all.first(1)).has_value());
    any_.execute(as_the_first_version);
    const auto store = any_.open();
    any_.execute(as_the_first_version);
    EXPECT_TRUE(migrate(direct, all.first(1)).has_value());
    DeliverySearch search;
    search.repository = "octo/*";
    EXPECT_EQ(tests::run(store->search(search))->rows.size(), 2U);
}

TEST_F(PostgresSchema, NobodyWaitsBehindAMigrationThatWaitsForAReader) {
    const auto all = postgres_migrations();
    auto newer = connection();
    ASSERT_TRUE(migrate(newer, all.first(1)).has_value());
    // As a backup reads: for hours.
    auto reader = connection();
    reader.execute("BEGIN; SELECT count(*) FROM deliveries; SELECT count(*) FROM calls");
    const std::string pid = [&] {
        auto row = reader.prepare("SELECT pg_backend_pid()");
        row.step();
        return std::to_string(row.integer(0));
    }();
    std::atomic<int> waited{0};
    std::string held_by;
    MigrationWaits waits;
    waits.lock = 20ms;
    waits.between = 20ms;
    waits.on_wait = [&](const std::string& by) {
        if (waited == 0) held_by = by;
        ++waited;
    };
    std::optional<Result<void>> migrated;
    std::thread migrating([&] { migrated = migrate(newer, all, waits); });
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (waited < 3 && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(1ms);
    const int tried = waited;
    EXPECT_GE(tried, 3);
    if (tried >= 3) any_.execute(as_the_first_version);
    reader.execute("COMMIT");
    migrating.join();
    ASSERT_TRUE(migrated->has_value()) << migrated->error().message;
    EXPECT_NE(held_by.find("process " + pid), std::string::npos) << held_by;
    EXPECT_EQ(any_.ask("SELECT count(*) FROM schema_migrations"), std::to_string(all.size()));
}

TEST_F(PostgresSchema, AMigrationThatWaitsTooLongSaysForWhom) {
    const auto all = postgres_migrations();
    auto newer = connection();
    ASSERT_TRUE(migrate(newer, all.first(1)).has_value());
    auto reader = connection();
    reader.execute("BEGIN; SELECT count(*) FROM deliveries");
    MigrationWaits waits;
    waits.lock = 20ms;
    waits.patience = 0ms;
    const auto refused = migrate(newer, all, waits);
    ASSERT_TRUE(refused.has_error());
    EXPECT_NE(refused.error().message.find("pg_terminate_backend"), std::string::npos);
    reader.execute("COMMIT");
    auto another = connection();
    EXPECT_TRUE(migrate(another, all).has_value()) << "and it has let go of what it held";
}

TEST_F(PostgresSchema, AVisitorChangesNoTablesThatOthersWorkOn) {
    auto older = connection();
    ASSERT_TRUE(migrate(older, postgres_migrations().first(1)).has_value());
    PostgresStoreOptions visiting;
    visiting.visitor = true;
    const auto refused = open_postgres_store(any_.place(), visiting);
    ASSERT_TRUE(refused.has_error());
    EXPECT_NE(refused.error().message.find("older version"), std::string::npos);
    EXPECT_EQ(any_.ask("SELECT count(*) FROM schema_migrations"), "1");
    any_.open().reset();
    EXPECT_TRUE(open_postgres_store(any_.place(), visiting).has_value());
}

TEST_F(PostgresSchema, AnOlderProgramKeepsOffWhatItCannotWorkOn) {
    any_.open().reset();
    const std::string newer = std::to_string(postgres_migrations().size() + 1);
    any_.execute("INSERT INTO schema_migrations(version, needs) VALUES(" + newer + ", " + newer +
                 ")");
    const auto refused = open_postgres_store(any_.place());
    ASSERT_TRUE(refused.has_error());
    EXPECT_NE(refused.error().message.find("newer version"), std::string::npos);
}

TEST_F(PostgresSchema, WhoOnlyLooksBringsNothingUpToDate) {
    PostgresStoreOptions looking;
    looking.visitor = looking.looks = true;
    const auto all = postgres_migrations();
    auto direct = connection();
    const auto refused = [&] {
        const auto opened = open_postgres_store(any_.place(), looking);
        return opened.has_error() && opened.error().code == Errc::not_found;
    };
    EXPECT_TRUE(refused()) << "there are no tables";
    ASSERT_TRUE(migrate(direct, all.first(all.size() - 1)).has_value());
    EXPECT_TRUE(refused()) << "they are of the version before";
    const auto still = check_migrated(direct, all);
    ASSERT_TRUE(still.has_error());
    EXPECT_NE(still.error().message.find("older version"), std::string::npos);
    any_.open().reset();
    EXPECT_FALSE(refused());
}

TEST_F(PostgresSchema, AServerThatIsNotThereIsToldOfWithoutThePassword) {
    const auto refused =
        open_postgres_store("postgresql://agent:hunter2@127.0.0.1:1/agent?sslmode=disable");
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().code, Errc::store);
    const std::string& told = refused.error().message;
    EXPECT_NE(told.find("agent@127.0.0.1:1/agent"), std::string::npos) << told;
    EXPECT_NE(told.find("RUNS_AGENT_DATABASE"), std::string::npos) << told;
    EXPECT_EQ(told.find("hunter2"), std::string::npos) << told;
}

}  // namespace
}  // namespace runs_agent::store
