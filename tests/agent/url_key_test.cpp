// SPDX-License-Identifier: MIT
#include "agent/daemon/url_key.hpp"

#include "agent/daemon/embedded_api.hpp"
#include "runs_server/setup/schema.hpp"
#include "tests/captured_log.hpp"
#include "tests/manual_clock.hpp"
#include "tests/run_awaitable.hpp"
#include "tests/temp_dir.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sys/stat.h>

namespace runs_agent::agent {
namespace {

namespace fs = std::filesystem;

/// As most people's, whatever this test was started with.
class UsualUmask {
public:
    UsualUmask() : before_(::umask(022)) {}
    ~UsualUmask() { ::umask(before_); }
    UsualUmask(const UsualUmask&) = delete;
    UsualUmask& operator=(const UsualUmask&) = delete;

private:
    mode_t before_;
};

std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

bool is_private(const std::string& path) {
    return fs::status(path).permissions() == (fs::perms::owner_read | fs::perms::owner_write);
}

class UrlKeyTest : public testing::Test {
protected:
    void start_api() {
        config::Configuration configuration;
        configuration.api_database_path = database_;
        configuration.api_listen = "127.0.0.1:0";
        configuration.record_key = "record";
        configuration.project_id = "p1";
        configuration.api_key_given = true;
        configuration.api_key = [] { return Result<std::string>("key"); };
        const auto api =
            tests::run(context_, EmbeddedApi::start(context_.get_executor(), configuration,
                                                    net::ClientOptions(), clock_, log_.log(),
                                                    net::ServerOptions::default_memory(), 1));
        ASSERT_TRUE(api.has_value()) << api.error().message;
    }

    UsualUmask umask_;
    tests::TempDir dir_;
    std::string database_ = dir_.file("runs-api.db");
    std::string file_ = database_ + ".url-key";
    boost::asio::io_context context_;
    tests::ManualClock clock_;
    tests::CapturedLog log_{clock_};
};

TEST_F(UrlKeyTest, IsMadeOnceAndForItsOwnerAlone) {
    const auto key = read_url_key(database_);
    ASSERT_TRUE(key.has_value()) << key.error().message;
    EXPECT_EQ(key->size(), 64U);
    EXPECT_TRUE(is_private(file_));
    EXPECT_EQ(*read_url_key(database_), *key);
    EXPECT_NE(*read_url_key(dir_.file("other.db")), *key);
    EXPECT_EQ(std::distance(fs::directory_iterator(dir_.path()), {}), 2) << "nothing is left over";
}

TEST_F(UrlKeyTest, IsClosedToOthersWhereItWasOpen) {
    const auto key = read_url_key(database_);
    fs::permissions(file_, fs::perms(0644));
    EXPECT_EQ(*read_url_key(database_), *key);
    EXPECT_TRUE(is_private(file_));
}

TEST_F(UrlKeyTest, WhatIsNoKeyIsSaidAndNotReplaced) {
    for (const char* const text : {"", "short", "../../etc/passwd"}) {
        std::ofstream(file_) << text;
        const auto key = read_url_key(database_);
        ASSERT_TRUE(key.has_error()) << text;
        EXPECT_NE(key.error().message.find(file_ + " holds no key; remove it"), std::string::npos)
            << key.error().message;
        EXPECT_EQ(content_of(file_), text);
    }
    EXPECT_TRUE(read_url_key(dir_.file("absent/runs-api.db")).has_error());
}

// Who reads a copy of the database, such as a backup, must not be able to sign.
TEST_F(UrlKeyTest, TheDatabaseHoldsNoneAndWhatItHeldIsNotUsed) {
    std::string old;
    {
        sqlite::Database database(database_);
        database.migrate(runs_server::migrations());
        sqlite::Statement row =
            database.prepare("SELECT value FROM settings WHERE name = 'url_key'");
        ASSERT_TRUE(row.step());
        old = row.text(0);
    }
    start_api();
    const std::string key = *read_url_key(database_);
    EXPECT_NE(key, old) << "it may lie in a backup";
    sqlite::Database database(database_);
    sqlite::Statement rows = database.prepare("SELECT count(*) FROM settings");
    ASSERT_TRUE(rows.step());
    EXPECT_EQ(rows.integer(0), 0);
    for (const char* const end : {"", "-wal"})
        EXPECT_EQ(content_of(database_ + end).find(key), std::string::npos) << end;
}

TEST_F(UrlKeyTest, ADatabaseThatOthersCouldReadIsClosedAndSaid) {
    {
        sqlite::Database made(database_);
    }
    start_api();
    EXPECT_EQ(log_.text().find("store.narrowed"), std::string::npos) << log_.text();
    fs::permissions(database_, fs::perms(0664));
    start_api();
    EXPECT_NE(log_.text().find("store.narrowed"), std::string::npos) << log_.text();
    EXPECT_TRUE(is_private(database_));
}

}  // namespace
}  // namespace runs_agent::agent
