// SPDX-License-Identifier: MIT
#include "sqlite/visit.hpp"

#include "sqlite/database.hpp"
#include "tests/temp_dir.hpp"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

namespace runs_agent::sqlite {
namespace {

namespace fs = std::filesystem;
using tests::TempDir;

constexpr std::array<const char*, 2> migrations{"CREATE TABLE t(a)", "CREATE TABLE u(a)"};

struct File {
    std::string bytes;
    fs::perms rights{};
    fs::file_time_type changed;
    bool operator==(const File&) const = default;
};

/// Each file of a folder, by its name.
std::map<std::string, File> files_of(const fs::path& folder) {
    std::map<std::string, File> found;
    for (const auto& one : fs::directory_iterator(folder)) {
        std::ifstream file(one.path(), std::ios::binary);
        found[one.path().filename().string()] = {{std::istreambuf_iterator<char>(file), {}},
                                                 one.status().permissions(),
                                                 one.last_write_time()};
    }
    return found;
}

std::int64_t rows_of(const std::string& visit) {
    Database database(visit);
    Statement row = database.prepare("SELECT count(*) FROM t");
    row.step();
    return row.integer(0);
}

/// A database of an older version, as it lies after it was closed.
void make_old(const std::string& path) {
    Database database(path);
    database.migrate(std::span(migrations).first(1));
    database.execute("INSERT INTO t VALUES(1)");
}

TEST(Visit, OfAClosedDatabaseNothingIsChanged) {
    const TempDir dir;
    const std::string path = dir.file("a%20?b#.db");
    make_old(path);
    fs::permissions(path, fs::perms::owner_read | fs::perms::group_read | fs::perms::owner_write);
    const auto before = files_of(fs::path(path).parent_path());
    ASSERT_EQ(before.size(), 1U);
    const std::string visit = to_visit(path, false);
    EXPECT_EQ(version_of(visit).value(), 1);
    EXPECT_EQ(rows_of(visit), 1);
    Database visitor(visit);
    EXPECT_THROW(visitor.migrate(migrations), SqliteError);
    EXPECT_THROW(visitor.execute("INSERT INTO t VALUES(2)"), SqliteError);
    EXPECT_EQ(files_of(fs::path(path).parent_path()), before);
}

TEST(Visit, TheLogThatAnEndLeftBehindIsReadWhereItLies) {
    const TempDir dir;
    make_old(dir.file("a.db"));
    const fs::path left = fs::path(dir.file("left"));
    fs::create_directory(left);
    {
        Database working(dir.file("a.db"));
        working.execute("INSERT INTO t VALUES(2)");
        // As it would lie there if the program were killed now.
        for (const char* const ending : {"", "-wal", "-shm"})
            fs::copy_file(dir.file(std::string("a.db") + ending),
                          left / (std::string("a.db") + ending));
    }
    const auto before = files_of(left);
    ASSERT_EQ(before.size(), 3U);
    const std::string visit = to_visit((left / "a.db").string(), false);
    EXPECT_EQ(version_of(visit).value(), 1);
    EXPECT_EQ(rows_of(visit), 2) << "what the log has counts";
    EXPECT_EQ(files_of(left), before);
}

TEST(Visit, BesideAProgramThatWorksOnIt) {
    const TempDir dir;
    const std::string path = dir.file("a.db");
    make_old(path);
    Database working(path);
    working.execute("INSERT INTO t VALUES(2)");
    auto before = files_of(fs::path(path).parent_path());
    EXPECT_EQ(rows_of(to_visit(path, true)), 2);
    auto after = files_of(fs::path(path).parent_path());
    // Who reads is noted there, in what they share.
    before.erase("a.db-shm");
    after.erase("a.db-shm");
    EXPECT_EQ(after, before);
    working.execute("INSERT INTO t VALUES(3)");
}

TEST(Visit, WhatIsNoDatabaseIsNotMade) {
    const TempDir dir;
    EXPECT_TRUE(version_of(to_visit(dir.file("absent.db"), false)).has_error());
    EXPECT_TRUE(files_of(fs::path(dir.file("x")).parent_path()).empty());
    std::ofstream(dir.file("b.db")) << std::string(200, 'x');
    const auto version = version_of(to_visit(dir.file("b.db"), false));
    ASSERT_TRUE(version.has_error());
    EXPECT_NE(version.error().message.find("not a database"), std::string::npos);
}

}  // namespace
}  // namespace runs_agent::sqlite
