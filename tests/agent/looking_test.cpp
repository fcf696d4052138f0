// SPDX-License-Identifier: MIT
// What `doctor` sees of a machine.
#include "agent/doctor/here.hpp"
#include "agent/doctor/services.hpp"
#include "agent/doctor/watching.hpp"
#include "base/time_text.hpp"
#include "runs_api/client.hpp"
#include "store/sqlite/schema.hpp"
#include "store/sqlite_store.hpp"
#include "tests/manual_clock.hpp"
#include "tests/run_awaitable.hpp"
#include "tests/scripted_transport.hpp"
#include "tests/temp_dir.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/file.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace runs_agent::agent {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class Looking : public testing::Test {
protected:
    std::string write(const std::string& name, const std::string& content) {
        const fs::path path = dir_.file(name);
        fs::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << content;
        return path.string();
    }
    tests::TempDir dir_;
};

TEST_F(Looking, AServiceRunsWhereItsGroupHasAProcess) {
    const std::string root = dir_.path().string();
    const std::string unit = "/usr/lib/systemd/system/runs-agent.service";
    EXPECT_FALSE(look_at_service(unit, root).systemd);
    fs::create_directories(root + "/run/systemd/system");
    EXPECT_TRUE(look_at_service(unit, root).systemd);
    EXPECT_EQ(look_at_service(unit, root).processes, 0);
    write("sys/fs/cgroup/system.slice/runs-agent.service/cgroup.procs", "12\n13\n");
    EXPECT_EQ(look_at_service(unit, root).processes, 2);
    EXPECT_EQ(look_at_service("/etc/systemd/system/other.service", root).processes, 0);
}

TEST_F(Looking, ADaemonsLockIsSeenAndNotTaken) {
    const std::string database = dir_.file("a.db");
    EXPECT_EQ(is_locked(database), false);
    const int file = ::open((database + ".lock").c_str(), O_CREAT | O_RDWR, 0600);
    ASSERT_EQ(is_locked(database), false);
    ASSERT_EQ(::flock(file, LOCK_EX | LOCK_NB), 0);
    EXPECT_EQ(is_locked(database), true);
    ::close(file);
    EXPECT_EQ(is_locked(database), false);
}

TEST_F(Looking, ALockOfAnotherDeviceIsNotOurs) {
    const std::string locks =
        "1: POSIX  ADVISORY  WRITE 1 08:01:131 0 EOF\n2: FLOCK  ADVISORY  WRITE 2 08:01:132 0 "
        "EOF\n";
    EXPECT_EQ(is_locked(locks, makedev(8, 1), 132), true);
    EXPECT_EQ(is_locked(locks, makedev(8, 1), 131), false) << "that is another kind of lock";
    EXPECT_EQ(is_locked(locks, makedev(8, 2), 132), std::nullopt);
    EXPECT_EQ(is_locked(locks, makedev(8, 1), 32), false);
}

TEST_F(Looking, ADatabaseIsNotChangedToBeSeen) {
    const auto newest = static_cast<std::int64_t>(store::sqlite_migrations().size());
    const std::string path = dir_.file("a.db");
    doctor::DatabaseSeen seen = look_at_database_file(path, newest, false);
    EXPECT_FALSE(seen.there);
    EXPECT_EQ(seen.fault, "");
    EXPECT_FALSE(is_readable(seen));
    EXPECT_FALSE(fs::exists(path)) << "it was only looked for";
    {
        const auto made = store::open_sqlite_store(path);
    }
    seen = look_at_database_file(path, newest, false);
    EXPECT_EQ(seen.version, newest);
    EXPECT_TRUE(is_readable(seen));
    seen = look_at_database_file(path, newest + 1, false);
    EXPECT_EQ(seen.fault, "");
    EXPECT_FALSE(is_readable(seen)) << "of an older version";
    EXPECT_FALSE(look_at_database_file(write("empty.db", ""), newest, false).there);
    // A short file, which has no version to be read, and one that is damaged.
    const std::string none = write("b.db", "no database");
    for (const std::string& damaged : {none, write("c.db", std::string(4096, 'x'))}) {
        seen = look_at_database_file(damaged, newest, false);
        EXPECT_NE(seen.fault.find("not a database"), std::string::npos) << seen.fault;
        EXPECT_FALSE(is_readable(seen));
    }
    write("left.db-wal", std::string(100, 'x'));
    fs::copy_file(path, dir_.file("left.db"));
    EXPECT_TRUE(look_at_database_file(dir_.file("left.db"), newest, false).log_left);
    EXPECT_NE(look_at_database_file(none + "/c/d.db", newest, false).fault, "");
    EXPECT_NE(look_at_database_file(dir_.path().string(), newest, false).fault, "");
}

TEST_F(Looking, TheDiskIsThatOfTheNearestFolder) {
    const doctor::DiskSeen seen = look_at_disk(dir_.path().string() + "/not/there");
    EXPECT_EQ(seen.folder, dir_.path().string());
    EXPECT_GT(seen.free_bytes, 0U);
}

TEST(Metric, IsReadByItsWholeName) {
    const std::string text = "# HELP a b\na_total 3\na{x=\"1\"} 2.5\nb 1e3\nab 7\n";
    EXPECT_EQ(metric_of(text, "a{x=\"1\"}"), 2.5);
    EXPECT_EQ(metric_of(text, "b"), 1000);
    EXPECT_EQ(metric_of(text, "a_total"), 3);
    EXPECT_EQ(metric_of(text, "a"), std::nullopt);
    EXPECT_EQ(metric_of("x 1", "x"), 1);
}

TEST(Watching, TheClockIsHeldAgainstEachThatAnswers) {
    tests::ManualClock clock;
    const auto dated = [&clock](std::chrono::seconds behind) {
        net::HttpResponse response = tests::answer(200);
        response.headers.add("Date", to_http_date(clock.now() - behind));
        response.headers.add("X-OAuth-Scopes", behind == 0s ? "gist" : "repo");
        return response;
    };
    tests::ScriptedTransport http([&](const net::HttpRequest& request) {
        return dated(request.target.starts_with("https://git") ? 90s : 0s);
    });
    WatchingTransport watched(http, clock, "https://git/api");
    for (const char* const url : {"https://git/api/x", "https://runs/v1", "https://git/api/y"}) {
        net::HttpRequest request;
        request.target = url;
        EXPECT_TRUE(tests::run(watched.send(request)).has_value());
    }
    ASSERT_EQ(watched.clocks().size(), 2U);
    EXPECT_EQ(watched.clocks()[0].whose, "GitHub");
    EXPECT_NEAR(static_cast<double>(watched.clocks()[0].ahead.count()), 90'000, 1'000);
    EXPECT_NEAR(static_cast<double>(watched.clocks()[1].ahead.count()), 0, 1'000);
    EXPECT_EQ(watched.scopes(), "repo");
}

TEST(Watching, AfterItsTimeNothingMoreIsSent) {
    tests::ManualClock clock;
    int sent = 0;
    tests::ScriptedTransport http([&](const net::HttpRequest&) {
        ++sent;
        return tests::answer(200);
    });
    WatchingTransport watched(http, clock, "https://git/api");
    watched.give_up_at(clock.steady() + 30s);
    const auto ask = [&] { return tests::run(watched.send(net::HttpRequest())).has_value(); };
    clock.advance(30s);
    EXPECT_TRUE(ask());
    clock.advance(1s);
    EXPECT_FALSE(ask());
    EXPECT_EQ(sent, 1);
}

TEST(Asking, ProjectsAreLookedForUntilAllWereFound) {
    tests::ManualClock clock;
    int pages = 0;
    tests::ScriptedTransport http([&](const net::HttpRequest&) {
        ++pages;
        clock.advance(4s);
        const std::string id = "p" + std::to_string(pages);
        return tests::answer(200, R"({"status":"OK","has_more":true,"data":[{"projectId":")" + id +
                                      R"(","name":"n","cursor":")" + id + R"("}]})");
    });
    runs_api::RunsApiClient api(http, clock, "https://runs/v1",
                                [] { return Result<std::string>("key"); });
    config::Configuration told;
    told.api_key_given = true;
    doctor::ApiSeen seen = tests::run(look_at_api(api, ApiAbout(clock, told, false, {"p2"})));
    EXPECT_EQ(pages, 2);
    EXPECT_TRUE(seen.more);
    pages = 0;
    seen = tests::run(look_at_api(api, ApiAbout(clock, told, false, {"absent"})));
    EXPECT_EQ(pages, 3) << "after ten seconds nobody waits for more";
    EXPECT_EQ(seen.status, 200);
    EXPECT_TRUE(seen.more);
}

TEST(Wanted, IsWhatSomeRuleNeeds) {
    decide::Policy policy;
    EXPECT_FALSE(wanted_by(policy).cancels_workflows || wanted_by(policy).jobs);
    policy.rules.emplace_back();
    policy.rules[0].settings.superseded = policy.rules[0].settings.cancel_workflow = true;
    policy.rules[0].settings.jobs = {"e2e (${{ matrix.x }})"};
    policy.rules[0].settings.project_ids = {"a", "b"};
    policy.defaults.project_ids = {"b"};
    EXPECT_TRUE(wanted_by(policy).cancels_workflows && wanted_by(policy).jobs);
    EXPECT_EQ(projects_of(policy), (std::vector<std::string>{"a", "b"}));
    policy.rules[0].settings.ignore = true;
    EXPECT_FALSE(wanted_by(policy).cancels_workflows || wanted_by(policy).jobs);
    EXPECT_EQ(projects_of(policy), std::vector<std::string>{"b"});
}

}  // namespace
}  // namespace runs_agent::agent
