// SPDX-License-Identifier: MIT
// Access to GitHub: what the environment says of it, and what the policy asks of it.
#include "tests/config/command_line.hpp"
#include "tests/temp_dir.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace runs_agent::agent {
namespace {

using tests::config;
using tests::Shown;
using tests::Variables;
using Map = std::map<std::string, std::string>;

/// What `config check` says of an environment; empty: it is right.
std::string mistakes(const Map& variables) {
    const Variables set(variables);
    const Shown shown = config("check");
    EXPECT_EQ(shown.exit == Exit::done, shown.error.empty());
    return shown.error;
}

TEST(GitHubAccess, ATokenOrAnApp) {
    EXPECT_EQ(mistakes({{"GITHUB_TOKEN", "ghp_4711"}}), "");
    EXPECT_EQ(mistakes({{"GITHUB_API_URL", "https://github.octo.example/api/v3/"}}), "");
    struct Case {
        Map variables;
        const char* says;
    };
    const Case cases[] = {
        {{{"GITHUB_APP_ID", "12"}}, "GITHUB_APP_ID is set without GITHUB_APP_PRIVATE_KEY"},
        {{{"GITHUB_APP_PRIVATE_KEY", "hunter2"}},
         "GITHUB_APP_PRIVATE_KEY is set without GITHUB_APP_ID"},
        {{{"GITHUB_APP_ID", "12"}, {"GITHUB_APP_PRIVATE_KEY", "hunter2"}}, "PEM"},
        {{{"GITHUB_API_URL", "ftp://github.octo.example"}}, "GITHUB_API_URL"},
    };
    for (const Case& each : cases) {
        const std::string told = mistakes(each.variables);
        EXPECT_NE(told.find(each.says), std::string::npos) << each.says << " in " << told;
        EXPECT_EQ(told.find("hunter2"), std::string::npos);
    }
}

TEST(GitHubAccess, IsNeededWhereThePolicyCancelsWorkflows) {
    const tests::TempDir dir;
    std::ofstream(dir.file("p.yml")) << "rules:\n  - repository: octo/*\n"
                                        "    superseded: {enabled: true, cancel_workflow: true}\n";
    EXPECT_NE(mistakes({{"RUNS_AGENT_CONFIG", dir.file("p.yml")}}).find("set GITHUB_TOKEN, or"),
              std::string::npos);
    EXPECT_EQ(mistakes({{"RUNS_AGENT_CONFIG", dir.file("p.yml")}, {"GITHUB_TOKEN", "ghp_4711"}}),
              "");
}

TEST(GitHubAccess, IsPrintedWithoutItsSecrets) {
    const Variables set(Map{{"GITHUB_TOKEN", "ghp_4711"}});
    const Shown shown = config("print");
    EXPECT_NE(shown.out.find("GITHUB_TOKEN: "), std::string::npos) << shown.out;
    EXPECT_NE(shown.out.find("GITHUB_API_URL: https://api.github.com"), std::string::npos);
    EXPECT_EQ(shown.out.find("ghp_4711"), std::string::npos);
}

}  // namespace
}  // namespace runs_agent::agent
