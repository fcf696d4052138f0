// SPDX-License-Identifier: MIT
#include "agent/daemon/generated_keys.hpp"

#include "agent/cli/read_file.hpp"
#include "agent/daemon/private_file.hpp"
#include "tests/temp_dir.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace runs_agent::agent {
namespace {

mode_t mode_of(const std::string& path) {
    struct stat found{};
    EXPECT_EQ(::stat(path.c_str(), &found), 0) << path;
    return found.st_mode & 07777U;
}

TEST(GeneratedKeys, AreInAFileOfTheirOwners) {
    const tests::TempDir dir;
    const mode_t before = ::umask(0);
    const auto file = write_generated_keys(dir.file("api.db"), {"ra_api_1", "ra_rec_2", "p"});
    ::umask(before);
    ASSERT_TRUE(file.has_value());
    EXPECT_EQ(*file, dir.file("api.db.keys"));
    EXPECT_EQ(mode_of(*file), 0600U);
    const std::string text = *read_file(*file);
    EXPECT_NE(text.find("\nexport CURRENTS_API_KEY=ra_api_1\n"
                        "export CURRENTS_RECORD_KEY=ra_rec_2\n"
                        "export CURRENTS_PROJECT_ID=p\n"),
              std::string::npos)
        << text;
}

TEST(GeneratedKeys, WhatWasNotMadeIsNotNamed) {
    const tests::TempDir dir;
    const auto file = write_generated_keys(dir.file("api.db"), {"", "ra_rec_2", ""});
    const std::string text = *read_file(*file);
    EXPECT_EQ(text.find("API_KEY"), std::string::npos);
    EXPECT_EQ(text.find("PROJECT"), std::string::npos);
}

TEST(GeneratedKeys, NeverGoThroughALinkOrIntoAnothersFile) {
    const tests::TempDir dir;
    const std::string target = dir.file("target");
    ASSERT_EQ(::symlink(target.c_str(), dir.file("api.db.keys").c_str()), 0);
    ASSERT_TRUE(write_private_file(dir.file("api.db.keys-2"), "earlier").has_value());
    const auto file = write_generated_keys(dir.file("api.db"), {"a", "b", "c"});
    ASSERT_TRUE(file.has_value());
    EXPECT_EQ(*file, dir.file("api.db.keys-3"));
    EXPECT_NE(::access(target.c_str(), F_OK), 0);
    EXPECT_EQ(*read_file(dir.file("api.db.keys-2")), "earlier");
}

TEST(GeneratedKeys, SayWhyTheyCannotBeTold) {
    const tests::TempDir dir;
    const auto file = write_generated_keys(dir.file("none/api.db"), {"a", "b", "c"});
    ASSERT_TRUE(file.has_error());
    EXPECT_EQ(file.error().code, Errc::io);
    EXPECT_NE(file.error().message.find("writable"), std::string::npos);
}

/// The longest file that this process may write, as a disk that is nearly full: a part of what is
/// written goes through, and the rest fails.
class NearlyFull {
public:
    explicit NearlyFull(rlim_t bytes) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit now{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &now);
    }
    ~NearlyFull() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        (void)std::signal(SIGXFSZ, handler_);
    }
    NearlyFull(const NearlyFull&) = delete;
    NearlyFull& operator=(const NearlyFull&) = delete;

private:
    rlimit before_{};
    void (*handler_)(int) = std::signal(SIGXFSZ, SIG_IGN);
};

TEST(PrivateFile, SaysWhyAPartOfItCouldNotBeWritten) {
    const tests::TempDir dir;
    const NearlyFull disk(1000);
    errno = EEXIST;  // of something else, earlier
    const auto written = write_private_file(dir.file("key"), std::string(4000, 'k'));
    ASSERT_TRUE(written.has_error());
    EXPECT_EQ(written.error().code, Errc::io);
    EXPECT_NE(written.error().message.find(std::strerror(EFBIG)), std::string::npos)
        << written.error().message;
    EXPECT_NE(::access(dir.file("key").c_str(), F_OK), 0) << "half a key is none";
}

TEST(PrivateFile, WhatIsThereIsToBeMovedAway) {
    const tests::TempDir dir;
    ASSERT_TRUE(write_private_file(dir.file("key"), "earlier").has_value());
    const auto written = write_private_file(dir.file("key"), "later");
    ASSERT_TRUE(written.has_error());
    EXPECT_EQ(written.error().code, Errc::busy);
    EXPECT_NE(written.error().message.find("move it away"), std::string::npos);
    EXPECT_EQ(*read_file(dir.file("key")), "earlier");
}

}  // namespace
}  // namespace runs_agent::agent
