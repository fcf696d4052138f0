// SPDX-License-Identifier: MIT
#include "config/service.hpp"

#include "config/configuration.hpp"
#include "config/unit_file.hpp"
#include "tests/temp_dir.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace runs_agent::config {
namespace {

using Variables = std::map<std::string, std::string>;

class ServiceTest : public testing::Test {
protected:
    std::string put(const std::string& path, const std::string& text) {
        const std::string file = dir_.file(path);
        std::filesystem::create_directories(std::filesystem::path(file).parent_path());
        std::ofstream(file) << text;
        return file;
    }
    /// Of a command that is typed on a machine whose root is the folder.
    Environment typed(Variables process = {}) {
        return environment_of_command(std::move(process), dir_.file(""));
    }
    std::string value(const Environment& environment, const std::string& name) {
        const auto found = environment.get(name);
        return found.has_value() ? found->value_or("(none)") : found.error().message;
    }

    tests::TempDir dir_;
};

TEST_F(ServiceTest, WhatTheShippedUnitSaysIsFound) {
    // The unit as it is installed; only its paths lead into the folder.
    const char* const source = std::getenv("RUNS_AGENT_SOURCE_DIR");
    ASSERT_NE(source, nullptr);
    std::ifstream shipped(std::string(source) + "/packaging/runs-agent.service");
    std::string unit((std::istreambuf_iterator<char>(shipped)), {});
    for (std::size_t at = 0; (at = unit.find("/etc/runs-agent/", at)) != std::string::npos;
         at += dir_.path().string().size() + 1)
        unit.insert(at, dir_.path().string());
    put("lib/systemd/system/runs-agent.service", unit);
    const std::string policy = put("etc/runs-agent/policy.yml", "");
    put("etc/runs-agent/environment", "# a comment\nCURRENTS_PROJECT_ID=abc123\n");
    put("etc/runs-agent/webhook-secret", "s3cret\n");

    const Environment environment = typed();
    EXPECT_EQ(value(environment, "RUNS_AGENT_CONFIG"), policy);
    EXPECT_EQ(value(environment, "CURRENTS_PROJECT_ID"), "abc123");
    EXPECT_EQ(value(environment, "GITHUB_WEBHOOK_SECRET"), "s3cret");
    EXPECT_EQ(value(environment, "RUNS_AGENT_STATE_DIR"), "/var/lib/runs-agent");
    EXPECT_EQ(value(environment, "CURRENTS_API_KEY"), "(none)") << "its file is not there yet";
    const auto configuration = load(environment, {});
    ASSERT_TRUE(configuration.has_value()) << configuration.error().message;
    EXPECT_EQ(configuration->database_path, "/var/lib/runs-agent/runs-agent.db");
}

TEST_F(ServiceTest, WhereNoServiceIsInstalledNothingChanges) {
    const Environment environment = typed({{"HOME", "/h"}});
    EXPECT_FALSE(environment.has("RUNS_AGENT_STATE_DIR"));
    EXPECT_FALSE(environment.has("RUNS_AGENT_SERVICE"));
}

TEST_F(ServiceTest, AdministratorsHoldBeforePackages) {
    put("lib/systemd/system/runs-agent.service", "[Service]\nEnvironment=A=package B=package\n");
    put("lib/systemd/system/runs-agent.service.d/10-a.conf", "[Service]\nEnvironment=B=drop-in\n");
    EXPECT_EQ(value(typed(), "A"), "package");
    EXPECT_EQ(value(typed(), "B"), "drop-in");
    put("etc/systemd/system/runs-agent.service.d/10-a.conf", "[Service]\nEnvironment=A=admin\n");
    EXPECT_EQ(value(typed(), "A"), "admin");
    EXPECT_EQ(value(typed(), "B"), "package") << "a drop-in of the same name stands in its place";
    put("etc/systemd/system/runs-agent.service", "[Service]\nEnvironment=C=own\n");
    EXPECT_EQ(value(typed(), "C"), "own");
    EXPECT_EQ(value(typed(), "B"), "(none)");
}

TEST_F(ServiceTest, AnOverrideWithATokenIsUnderstood) {
    const std::string token = put("etc/runs-agent/github-token", "t0ken\n");
    const std::string other = put("other.yml", "");
    put("lib/systemd/system/runs-agent.service",
        "[Unit]\nEnvironment=NOT=this\n[Service]\nExecStart=/usr/bin/runs-agent serve\n");
    put("etc/systemd/system/runs-agent.service.d/override.conf",
        "[Service]\nLoadCredential=github-token:" + token +
            "\nEnvironment=GITHUB_TOKEN_FILE=%d/github-token\nExecStart=\n"
            "ExecStart=/usr/bin/runs-agent serve --embedded \\\n    --config=" +
            other + " --database sqlite:%S/elsewhere/a.db\n");
    EXPECT_EQ(value(typed(), "GITHUB_TOKEN"), "t0ken");
    EXPECT_EQ(value(typed(), "RUNS_AGENT_CONFIG"), other);
    EXPECT_EQ(value(typed(), "RUNS_AGENT_DATABASE"), "sqlite:/var/lib/elsewhere/a.db");
    EXPECT_EQ(value(typed(), "NOT"), "(none)");
}

TEST_F(ServiceTest, FilesThatTheUserMadeUpForTheServiceMayNotReadAreNamed) {
    const auto allow = [](const std::string& path, unsigned mode) {
        std::filesystem::permissions(path, std::filesystem::perms(mode));
    };
    allow(dir_.path().string(), 0755);
    const std::string token = put("admin-token", "t0ken\n");
    const std::string key = put("api-key", "k3y\n");
    const std::string unit = put(
        "x.service", "[Service]\nDynamicUser=yes\nLoadCredential=api-key:" + key +
                         "\nEnvironment=CURRENTS_API_KEY_FILE=%d/api-key\nEnvironmentFile=" +
                         put("environment", "RUNS_AGENT_ADMIN_TOKEN_FILE=" + token + "\n") + "\n");
    const auto withheld = [&] {
        std::string names;
        for (const Withheld& one : withheld_by_unit(files_of_unit(unit))) names += in_words(one);
        return names;
    };
    allow(key, 0600);  // handed over
    allow(token, 0644);
    EXPECT_EQ(withheld(), "");
    allow(token, 0640);
    EXPECT_EQ(withheld(),
              "RUNS_AGENT_ADMIN_TOKEN_FILE names " + token +
                  ", which the user that systemd makes up for the service may not read");
    EXPECT_NE(cure_of({"RUNS_AGENT_ADMIN_TOKEN_FILE", token})
                  .find("LoadCredential=admin-token:" + token +
                        " and Environment=RUNS_AGENT_ADMIN_TOKEN_FILE=%d/admin-token"),
              std::string::npos);
    // A group of its own may let it, and a folder may keep it out.
    put("x.service.d/group.conf", "[Service]\nSupplementaryGroups=ssl-cert\n");
    EXPECT_EQ(withheld(), "");
    allow(dir_.path().string(), 0700);
    EXPECT_NE(withheld(), "");
    put("x.service.d/group.conf", "[Service]\nSupplementaryGroups=\nGroup=ssl-cert\n");
    allow(dir_.path().string(), 0750);
    EXPECT_EQ(withheld(), "");
    put("x.service.d/group.conf", "");
    EXPECT_NE(withheld(), "");
    put("x.service.d/user.conf", "[Service]\nUser=deploy\n");
    EXPECT_EQ(withheld(), "") << "where there is such a user, systemd makes up none";
    EXPECT_FALSE(makes_up_its_user(files_of_unit(unit)));
    put("x.service.d/user.conf", "[Service]\nDynamicUser=no\n");
    EXPECT_EQ(withheld(), "") << "who that is cannot be told from here";
    put("x.service.d/user.conf", "");
    EXPECT_TRUE(makes_up_its_user(files_of_unit(unit)));
}

TEST_F(ServiceTest, ACertificateIsNotToBeHandedOverAsACopyOfTheStart) {
    for (const char* const name : {"RUNS_AGENT_TLS_KEY_FILE", "RUNS_AGENT_TLS_CERTIFICATE_FILE"}) {
        const std::string cure = cure_of({name, "/etc/ssl/private/key.pem"});
        EXPECT_NE(cure.find("SupplementaryGroups="), std::string::npos) << cure;
        EXPECT_EQ(cure.find("LoadCredential=key"), std::string::npos) << cure;
    }
}

TEST_F(ServiceTest, WhatIsTheServicesOwnIsNotWithheld) {
    // Folders that this process may not look into are as closed as a file's bits.
    std::filesystem::create_directory(dir_.path() / "closed");
    const std::string key = put("closed/key", "k3y\n");
    std::filesystem::permissions(dir_.path() / "closed", std::filesystem::perms(0700));
    const auto withheld = [&](const std::string& path, const std::string& more) {
        const std::string unit = put("own.service",
                                     "[Service]\nDynamicUser=yes\nEnvironment="
                                     "CURRENTS_API_KEY_FILE=" +
                                         path + "\n" + more);
        return withheld_by_unit({unit}).size();
    };
    EXPECT_EQ(withheld(key, ""), 1U);
    // Below a state directory that there is; `..` leads from it to the file.
    for (const auto& folder : std::filesystem::directory_iterator("/var/lib")) {
        if (!folder.is_directory()) continue;
        const std::string path = folder.path().string() + "/../../.." + key;
        EXPECT_EQ(withheld(path, ""), 1U);
        EXPECT_EQ(withheld(path, "StateDirectory=" + folder.path().filename().string() + "\n"), 0U);
        break;
    }
}

TEST_F(ServiceTest, WhatThePersonSaysHoldsFirst) {
    const std::string key = put("api-key", "of-the-service");
    put("etc/systemd/system/runs-agent.service",
        "[Service]\nEnvironment=CURRENTS_PROJECT_ID=p1 RUNS_AGENT_LISTEN=127.0.0.1:1\n"
        "Environment=CURRENTS_API_KEY_FILE=" +
            key + "\n");
    const Environment environment =
        typed({{"CURRENTS_PROJECT_ID", "mine"}, {"CURRENTS_API_KEY", "my-key"}});
    EXPECT_EQ(value(environment, "CURRENTS_PROJECT_ID"), "mine");
    EXPECT_EQ(value(environment, "CURRENTS_API_KEY"), "my-key") << "and not: both are set";
    EXPECT_EQ(value(environment, "RUNS_AGENT_LISTEN"), "127.0.0.1:1");
}

TEST_F(ServiceTest, AnotherUnitCanBeNamedOrNone) {
    put("etc/systemd/system/runs-agent.service", "[Service]\nEnvironment=A=machine\n");
    const std::string unit = put("second.service", "[Service]\nEnvironment=A=second\n");
    put("second.service.d/x.conf", "[Service]\nEnvironment=B=x\n");
    EXPECT_EQ(value(typed({{"RUNS_AGENT_SERVICE", unit}}), "A"), "second");
    EXPECT_EQ(value(typed({{"RUNS_AGENT_SERVICE", unit}}), "B"), "x");
    EXPECT_EQ(value(typed({{"RUNS_AGENT_SERVICE", ""}}), "A"), "(none)");
    EXPECT_EQ(value(typed({{"STATE_DIRECTORY", "/var/lib/x"}}), "A"), "(none)")
        << "the service itself";
}

TEST(UnitFile, WordsLoseTheirQuotes) {
    EXPECT_EQ(split_words(R"(A=1 "B=2 3"  'C="4"' D=5\ 6)"),
              (std::vector<std::string>{"A=1", "B=2 3", "C=\"4\"", "D=5 6"}));
    EXPECT_EQ(split_words("  "), std::vector<std::string>{});
}

TEST(UnitFile, EnvironmentFilesAreReadAsSystemdDoes) {
    const auto read = parse_environment_file(
        "# A=no\n; B=no\n\nA=one two\n  B = \"x y\" \nC='$1'\nD=a\\\nb\nno assignment\n=x\nE=\r\n");
    EXPECT_EQ(read,
              (Assignments{{"A", "one two"}, {"B", "x y"}, {"C", "$1"}, {"D", "a b"}, {"E", ""}}));
}

}  // namespace
}  // namespace runs_agent::config
