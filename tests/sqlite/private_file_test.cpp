// SPDX-License-Identifier: MIT
#include "sqlite/private_file.hpp"

#include "sqlite/database.hpp"
#include "tests/temp_dir.hpp"

#include <gtest/gtest.h>

#include <array>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace runs_agent::sqlite {
namespace {

namespace fs = std::filesystem;

/// The mode of a file, 0 where there is none.
unsigned mode_of(const std::string& path) {
    struct stat found{};
    return ::stat(path.c_str(), &found) == 0 ? found.st_mode & 07777U : 0U;
}

class PrivateFileTest : public testing::Test {
protected:
    PrivateFileTest() : umask_(::umask(022)) {
        fs::permissions(dir_.path(), fs::perms(0755));  // somebody else made the folder
    }
    ~PrivateFileTest() override { ::umask(umask_); }

    void write_to(Database& database) {
        database.execute("CREATE TABLE IF NOT EXISTS t(x); INSERT INTO t VALUES(1)");
    }

    const mode_t umask_;
    tests::TempDir dir_;
    const std::string path_ = dir_.file("a.db");
};

TEST_F(PrivateFileTest, WhatADatabaseMakesIsItsOwnersAlone) {
    Database database(path_);
    write_to(database);
    for (const char* const end : {"", "-wal", "-shm"})
        EXPECT_EQ(mode_of(path_ + end), 0600U) << end;
    Database old_journal(dir_.file("b.db"));
    old_journal.execute("PRAGMA journal_mode=DELETE; BEGIN IMMEDIATE; CREATE TABLE t(x)");
    EXPECT_EQ(mode_of(dir_.file("b.db-journal")), 0600U);
}

TEST_F(PrivateFileTest, WhatOthersCouldReadIsClosed) {
    {
        Database made(path_);
    }
    Database first(path_);
    write_to(first);
    for (const char* const end : {"", "-wal", "-shm"})
        fs::permissions(path_ + end, fs::perms(0664));
    EXPECT_EQ(keep_private(path_), Privacy::narrowed);
    EXPECT_EQ(keep_private(path_), Privacy::kept);
    fs::permissions(path_ + "-wal", fs::perms(0640));
    Database second(path_);
    for (const char* const end : {"", "-wal", "-shm"})
        EXPECT_EQ(mode_of(path_ + end), 0600U) << end;
}

TEST_F(PrivateFileTest, WhatItsOwnerMayNotDoStaysSo) {
    {
        Database made(path_);
    }
    fs::permissions(path_, fs::perms(0444));
    keep_private(path_);
    EXPECT_EQ(mode_of(path_), 0400U);
}

TEST_F(PrivateFileTest, WhatIsNoFileIsLeftAlone) {
    for (const char* const path : {"", ":memory:"}) EXPECT_EQ(keep_private(path), Privacy::kept);
    EXPECT_FALSE(fs::exists(":memory:"));
    EXPECT_EQ(keep_private(dir_.file("absent/a.db")), Privacy::kept);
}

// A process that closes any descriptor of a file loses its locks on it (POSIX), and another process
// would write to a database that is in use.
TEST_F(PrivateFileTest, LocksOfThisProcessAreKept) {
    Database first(path_);
    write_to(first);
    first.execute("BEGIN; SELECT * FROM t");
    fs::permissions(path_, fs::perms(0644));
    Database second(path_);
    const pid_t child = ::fork();
    if (child == 0) {
        const int descriptor = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
        struct flock wanted{};
        wanted.l_type = F_WRLCK;
        wanted.l_whence = SEEK_SET;
        const bool told = ::fcntl(descriptor, F_GETLK, &wanted) == 0;
        ::_exit(told && wanted.l_type != F_UNLCK ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0) << "the file is not locked any more";
}

}  // namespace
}  // namespace runs_agent::sqlite
