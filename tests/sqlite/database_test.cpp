// SPDX-License-Identifier: MIT
#include "sqlite/database.hpp"

#include "tests/temp_dir.hpp"

#include <gtest/gtest.h>

#include <array>

namespace runs_agent::sqlite {
namespace {

using tests::TempDir;

TEST(Database, KeepsEveryKindOfValue) {
    const TempDir dir;
    Database database(dir.file("a.db"));
    database.execute("CREATE TABLE t(a, b, c, d, e)");
    const std::string bytes("\0\x01\xff", 3);
    database.prepare("INSERT INTO t VALUES(?,?,?,?,?)")
        .bind(std::int64_t{9'223'372'036'854'775'807})
        .bind("text")
        .bind_blob(bytes)
        .bind(nullptr)
        .bind(2.5)
        .run();
    Statement row = database.prepare("SELECT a, b, c, d, e FROM t");
    ASSERT_TRUE(row.step());
    EXPECT_EQ(row.integer(0), 9'223'372'036'854'775'807);
    EXPECT_EQ(row.text(1), "text");
    EXPECT_EQ(row.blob(2), bytes);
    EXPECT_TRUE(row.is_null(3));
    EXPECT_FALSE(row.optional_text(3));
    EXPECT_EQ(row.real(4), 2.5);
    EXPECT_FALSE(row.step());
}

TEST(Database, IsDurableByItsSettings) {
    const TempDir dir;
    Database database(dir.file("a.db"));
    const auto pragma = [&database](const char* sql) {
        Statement row = database.prepare(sql);
        row.step();
        return row.text(0);
    };
    EXPECT_EQ(pragma("PRAGMA journal_mode"), "wal");
    EXPECT_EQ(pragma("SELECT synchronous FROM pragma_synchronous"), "2");  // FULL
}

TEST(Database, MigratesEachStepOnce) {
    const TempDir dir;
    const std::array<const char*, 1> first{"CREATE TABLE a(x)"};
    const std::array<const char*, 2> second{"CREATE TABLE a(x)", "CREATE TABLE b(x)"};
    Database(dir.file("a.db")).migrate(first);
    Database database(dir.file("a.db"));
    database.migrate(second);
    database.migrate(second);
    database.execute("INSERT INTO b VALUES(1)");
    EXPECT_THROW(database.migrate(first), SqliteError);  // an older program
}

TEST(Database, AFailedMigrationLeavesNothing) {
    const TempDir dir;
    Database database(dir.file("a.db"));
    const std::array<const char*, 1> broken{"CREATE TABLE a(x); CREATE TABLE a(x)"};
    EXPECT_THROW(database.migrate(broken), SqliteError);
    const std::array<const char*, 1> good{"CREATE TABLE a(x)"};
    database.migrate(good);
}

TEST(Database, SaysWhichFileCannotBeOpened) {
    const TempDir dir;
    try {
        const Database database(dir.file("absent/a.db"));
        FAIL() << "opened a database in a folder that is not there";
    } catch (const SqliteError& error) {
        EXPECT_NE(std::string(error.what()).find("absent/a.db"), std::string::npos);
    }
}

}  // namespace
}  // namespace runs_agent::sqlite
