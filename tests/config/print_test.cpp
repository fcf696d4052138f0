// SPDX-License-Identifier: MIT
// What `runs-agent config print` and `config check` show, from the process's own environment.
#include "tests/config/command_line.hpp"
#include "tests/temp_dir.hpp"

#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <fstream>

namespace runs_agent::agent {
namespace {

using tests::config;
using tests::Shown;
using tests::Variables;

const std::map<std::string, std::string> secrets{
    {"GITHUB_WEBHOOK_SECRET", "hunter2,hunter3"},
    {"CURRENTS_API_KEY", "hunter4"},
    {"CURRENTS_RECORD_KEY", "hunter5"},
    {"RUNS_AGENT_ADMIN_TOKEN", "hunter6-and-more"},
    {"RUNS_AGENT_ADMIN_READ_TOKEN", "hunter7-and-more"},
    {"RUNS_AGENT_STATE_DIR", "/var/lib/x"}};

TEST(ConfigPrint, SecretsAreToldOfButNotTold) {
    const Variables set(secrets);
    for (const char* const arguments : {"print", "print --json", "check", "check --json"}) {
        const Shown shown = config(arguments);
        EXPECT_EQ(shown.exit, Exit::done) << shown.error;
        EXPECT_NE(shown.out, "") << arguments;
        EXPECT_EQ((shown.out + shown.error).find("hunter"), std::string::npos) << shown.out;
    }
    const std::string printed = config("print").out;
    for (const char* const name : {"GITHUB_WEBHOOK_SECRET", "CURRENTS_API_KEY",
                                   "CURRENTS_RECORD_KEY", "RUNS_AGENT_ADMIN_TOKEN"})
        EXPECT_NE(printed.find(std::string(name) + ": set (hidden)\n"), std::string::npos)
            << printed;
}

TEST(ConfigPrint, WhatIsNotSetIsToldSo) {
    const Variables set(std::map<std::string, std::string>{{"RUNS_AGENT_STATE_DIR", "/var/lib/x"}});
    const std::string printed = config("print").out;
    for (const auto& [name, value] : secrets) {
        if (name == "RUNS_AGENT_STATE_DIR") continue;
        EXPECT_NE(printed.find(name + ": not set\n"), std::string::npos) << printed;
    }
    EXPECT_NE(printed.find("CURRENTS_PROJECT_ID: not set\n"), std::string::npos) << printed;
}

TEST(ConfigPrint, TellsWhatIsInForce) {
    const tests::TempDir dir;
    std::ofstream(dir.file("policy.yml")) << "rules: [{repository: octo/legacy, ignore: true}]\n";
    const Variables set({{"RUNS_AGENT_CONFIG", dir.file("policy.yml")},
                         {"RUNS_AGENT_STATE_DIR", "/var/lib/x"},
                         {"CURRENTS_PROJECT_ID", "abc123"},
                         {"RUNS_AGENT_LOG", "warning"}});
    const Shown shown = config("print --json");
    rapidjson::Document json;
    json.Parse(shown.out);
    ASSERT_TRUE(json.IsObject()) << shown.out;
    const auto& settings = json["settings"];
    EXPECT_STREQ(settings["CURRENTS_PROJECT_ID"].GetString(), "abc123");
    EXPECT_STREQ(settings["RUNS_AGENT_LOG"].GetString(), "warn");
    EXPECT_STREQ(settings["RUNS_AGENT_DATABASE"].GetString(), "sqlite:/var/lib/x/runs-agent.db");
    EXPECT_EQ(settings["RUNS_AGENT_CONFIG"].GetString(), dir.file("policy.yml"));
    EXPECT_STREQ(json["policy"]["defaults"]["project_id"][0].GetString(), "abc123");
    EXPECT_STREQ(json["policy"]["rules"][0]["repository"].GetString(), "octo/legacy");
    EXPECT_TRUE(json["policy"]["rules"][0]["ignore"].GetBool());
}

TEST(ConfigPrint, TheBuildIdOfTheEnvironmentHasALine) {
    const Variables set({{"RUNS_AGENT_STATE_DIR", "/var/lib/x"},
                         {"CURRENTS_CI_BUILD_ID", "e2e-${{ github.run_id }}"}});
    const Shown shown = config("print");
    EXPECT_NE(shown.out.find("\nCURRENTS_CI_BUILD_ID: e2e-${{ github.run_id }}\n"),
              std::string::npos)
        << shown.out << shown.error;
}

TEST(ConfigPrint, MistakesAreToldALineEachAndEndInUsage) {
    const tests::TempDir dir;
    std::ofstream(dir.file("bad.yml")) << "colour: red\nrules:\n  - ignore: 1\n";
    const std::string path = dir.file("bad.yml");
    for (const char* const command : {"check", "print"}) {
        const Shown shown = config(std::string(command) + " --config " + path);
        EXPECT_EQ(shown.exit, Exit::usage);
        EXPECT_EQ(shown.out, "");
        EXPECT_NE(shown.error.find(path + ":1:1: unknown key \"colour\""), std::string::npos)
            << shown.error;
        EXPECT_NE(shown.error.find(path + ":3:13: ignore must be true or false"), std::string::npos)
            << shown.error;
    }
    rapidjson::Document json;
    json.Parse(config("check --json --config " + path).out);
    ASSERT_TRUE(json.IsObject());
    EXPECT_FALSE(json["ok"].GetBool());
    EXPECT_EQ(json["mistakes"].Size(), 2U);
}

}  // namespace
}  // namespace runs_agent::agent
