// SPDX-License-Identifier: MIT
// The tables in PostgreSQL while replicas of two versions use them. Needs a server: see
// any_store.hpp.
#include "postgres/connection.hpp"
#include "store/postgres/schema.hpp"
#include "tests/store/store_fixture.hpp"

#include <thread>

namespace runs_agent::store {
namespace {

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
    const char* const as_before =
        "INSERT INTO deliveries(guid, event, action, host, hook_id, repository, received_at,"
        " run_lane) VALUES(CAST(clock_timestamp() AS TEXT), 'push', '', 'github.com', '',"
        " 'octo/demo', 0, 0)";
    any_.execute(as_before);
    const auto store = any_.open();
    any_.execute(as_before);
    EXPECT_TRUE(migrate(direct, all.first(1)).has_value());
    DeliverySearch search;
    search.repository = "octo/*";
    EXPECT_EQ(tests::run(store->search(search))->rows.size(), 2U);
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
