// SPDX-License-Identifier: MIT
// CURRENTS_PROJECT_ID may name several projects: what each part of the program makes of them.
#include "agent/daemon/embedded_api.hpp"
#include "runs_server/setup/projects.hpp"
#include "tests/captured_log.hpp"
#include "tests/config/command_line.hpp"
#include "tests/manual_clock.hpp"
#include "tests/run_awaitable.hpp"
#include "tests/temp_dir.hpp"

#include <gtest/gtest.h>

namespace runs_agent::agent {
namespace {

using tests::Shown;
using tests::shown_by;
using tests::Variables;

/// Nobody listens on port 1: what gets as far as asking fails with 1.
Shown runs(const std::string& arguments, const std::string& project_id) {
    const Variables set({{"CURRENTS_PROJECT_ID", project_id},
                         {"CURRENTS_API_KEY", "key"},
                         {"CURRENTS_API_URL", "http://127.0.0.1:1/v1"}});
    return shown_by(add_runs, "runs " + arguments);
}

TEST(ProjectIds, ACommandThatAsksOneProjectWantsOne) {
    for (const std::string command :
         {"list", "find --branch main", "cancel-ci --github-run-id 1 --github-run-attempt 1"}) {
        const Shown several = runs(command, "a, b");
        EXPECT_EQ(several.exit, Exit::usage) << command;
        EXPECT_NE(several.error.find("--project-id"), std::string::npos) << several.error;
        EXPECT_EQ(runs(command + " --project-id a", "a,b").exit, Exit::failed) << command;
        EXPECT_EQ(runs(command, " a ,").exit, Exit::failed) << command;
    }
}

TEST(ProjectIds, ACommandThatAsksForARunDoesNotMind) {
    for (const char* const command :
         {"get x", "cancel x", "reset x --machine-id m", "delete x --yes"})
        EXPECT_EQ(runs(command, "a,b").exit, Exit::failed) << command;
}

TEST(ProjectIds, TheEmbeddedApiMakesEachOfThemValid) {
    const tests::TempDir dir;
    tests::ManualClock clock;
    tests::CapturedLog log(clock);
    config::Configuration configuration;
    configuration.project_id = "abc, def";
    configuration.api_listen = "127.0.0.1:0";
    configuration.api_database_path = dir.file("api.db");
    configuration.record_key = "record";
    configuration.api_key_given = true;
    configuration.api_key = [] { return Result<std::string>("key"); };
    const auto start_and_stop = [&]() -> boost::asio::awaitable<bool> {
        const auto executor = co_await boost::asio::this_coro::executor;
        auto api = co_await EmbeddedApi::start(executor, configuration, net::ClientOptions(), clock,
                                               log.log(), net::ServerOptions::default_memory(), 1);
        if (api.has_error()) co_return false;
        co_await (*api)->stop(std::chrono::seconds(1));
        co_return true;
    };
    ASSERT_TRUE(tests::run(start_and_stop()));
    sqlite::Database database(dir.file("api.db"));
    EXPECT_TRUE(runs_server::project_exists(database, "abc"));
    EXPECT_TRUE(runs_server::project_exists(database, "def"));
    EXPECT_EQ(runs_server::all_projects(database).size(), 2U);
}

}  // namespace
}  // namespace runs_agent::agent
