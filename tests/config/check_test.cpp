// SPDX-License-Identifier: MIT
// What `config check` and `config print` refuse is what `serve` refuses, and the other way round.
#include "tests/config/command_line.hpp"
#include "tests/temp_dir.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace runs_agent::agent {
namespace {

using tests::config;
using tests::Shown;
using tests::shown_by;
using tests::Variables;
using Map = std::map<std::string, std::string>;

/// `serve` gets as far as its database, which cannot be made, so it ends in either case: with 1
/// where it had nothing against the settings.
Shown serve(Map variables) {
    variables.emplace("GITHUB_WEBHOOK_SECRET", "secret");
    variables.emplace("CURRENTS_API_KEY", "key");
    variables.emplace("RUNS_AGENT_DATABASE", "sqlite:/dev/null/no/folder.db");
    const Variables set(std::move(variables));
    return shown_by(add_serve, "serve");
}

TEST(ConfigCheck, RefusesWhatServeRefuses) {
    const tests::TempDir dir;
    std::ofstream(dir.file("no.pem")) << "no certificate\n";
    const std::pair<const char*, std::string> wrong[] = {
        {"CURRENTS_API_URL", "https://api.example:99999/v1"},
        {"CURRENTS_API_URL", "https:///v1"},
        {"CURRENTS_API_URL", "https://user:pass@api.example/v1"},
        {"RUNS_AGENT_LISTEN", "agent.example:8080"},
        {"RUNS_AGENT_LISTEN", "everywhere"},
        {"RUNS_AGENT_LISTEN", "[127.0.0:8080"},
        {"RUNS_AGENT_API_LISTEN", "api.example:4000"},
        {"RUNS_AGENT_API_WEBHOOKS_ALLOW", "hooks.internal,10.0.0.0/33"},
        {"HTTPS_PROXY", "socks5://proxy.example:1080"},
        {"HTTPS_PROXY", "http://proxy.example:99999"},
        {"NO_PROXY_FILE", dir.file("absent")},
        {"SSL_CERT_FILE", dir.file("absent.pem")},
        {"SSL_CERT_FILE", dir.path().string()},
        {"SSL_CERT_FILE", dir.file("no.pem")},
    };
    for (const auto& [name, value] : wrong) {
        const Shown served = serve({{name, value}});
        EXPECT_EQ(served.exit, Exit::usage) << name << ": " << served.error;
        const Variables set(Map{{name, value}});
        for (const char* const command : {"check", "print", "check --json", "print --json"}) {
            const Shown shown = config(command);
            EXPECT_EQ(shown.exit, Exit::usage) << name << '=' << value << ": " << shown.out;
            const std::string& told = shown.out.empty() ? shown.error : shown.out;
            EXPECT_NE(told.find(std::string(name).substr(0, 8)), std::string::npos) << told;
        }
        EXPECT_EQ(config("check").error, served.error);
    }
}

TEST(ConfigCheck, PassesWhatServePasses) {
    const std::pair<const char*, const char*> right[] = {
        {"CURRENTS_API_URL", "http://localhost:4000/v1/"},
        {"CURRENTS_API_URL", "https://[::1]/@path"},
        {"RUNS_AGENT_LISTEN", "localhost:0"},
        {"RUNS_AGENT_LISTEN", "[::]:65535"},
        {"RUNS_AGENT_API_LISTEN", "0.0.0.0:4000"},
        {"RUNS_AGENT_API_WEBHOOKS_ALLOW", "hooks.internal, 10.0.0.0/8, [::1]:9000"},
        {"HTTPS_PROXY", "user:pass@proxy.example:3128"},
        {"NO_PROXY", "*.example, 10.0.0.0/8"},
    };
    for (const auto& [name, value] : right) {
        EXPECT_EQ(serve({{name, value}}).exit, Exit::failed) << name << '=' << value;
        const Variables set(Map{{name, value}});
        for (const char* const command : {"check", "print"})
            EXPECT_EQ(config(command).exit, Exit::done) << name << '=' << value;
    }
}

TEST(ConfigCheck, APasswordInAnAddressIsNotRepeated) {
    const std::pair<const char*, const char*> wrong[] = {
        {"CURRENTS_API_URL", "https://user:hunter2@host/v1"},
        {"CURRENTS_API_URL", "https://hunter2@host/v1"},
        {"CURRENTS_API_URL", "https://user:hun/hunter2@host/v1"},
        {"CURRENTS_API_URL", "ftp://user:hunter2@host/v1"},
        {"HTTPS_PROXY", "socks5://user:hunter2@proxy.example"},
    };
    for (const auto& [name, value] : wrong) {
        const Variables set(Map{{name, value}});
        for (const char* const command : {"check", "print", "check --json", "print --json"}) {
            const Shown shown = config(command);
            EXPECT_EQ(shown.exit, Exit::usage) << value;
            EXPECT_EQ((shown.out + shown.error).find("hunter2"), std::string::npos) << shown.error;
        }
    }
}

TEST(ConfigCheck, TellsEveryMistakeOnALineOfItsOwn) {
    const tests::TempDir dir;
    std::ofstream(dir.file("bad.yml")) << "colour: red\n";
    const Variables set({{"CURRENTS_API_URL", "ftp://api.example"},
                         {"CURRENTS_CI_BUILD_ID", "${{ github.sha }}"},
                         {"RUNS_AGENT_LISTEN", "agent.example:8080"},
                         {"RUNS_AGENT_LOG", "loud"},
                         {"HTTPS_PROXY", "socks5://proxy.example"},
                         {"SSL_CERT_FILE", dir.file("absent.pem")},
                         {"RUNS_AGENT_CONFIG", dir.file("bad.yml")}});
    for (const char* const command : {"check", "print"}) {
        const std::string told = config(command).error;
        EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 7) << told;
        for (const char* const part :
             {"CURRENTS_API_URL", "CURRENTS_CI_BUILD_ID", "RUNS_AGENT_LISTEN", "RUNS_AGENT_LOG",
              "HTTPS_PROXY", "SSL_CERT_FILE", "bad.yml:1:1: "}) {
            const auto at = told.find(part);
            ASSERT_NE(at, std::string::npos) << part << " in " << told;
            EXPECT_EQ(told.find(part, at + std::string(part).size() + 40), std::string::npos)
                << part << " twice in " << told;
        }
    }
}

TEST(ConfigCheck, SaysThatWithoutAnAdminTokenThereIsNoPage) {
    const char* const note = "note: RUNS_AGENT_ADMIN_TOKEN is not set; there is no page";
    EXPECT_NE(config("check").out.find(note), std::string::npos);
    const Variables set(Map{{"RUNS_AGENT_ADMIN_TOKEN", "hunter6-and-more"}});
    EXPECT_EQ(config("check").out.find(note), std::string::npos);
}

TEST(ConfigCheck, ATokenOfThePageThatCanBeGuessedIsAMistake) {
    const auto mistake = [](std::string token, std::string read_token) {
        const Variables set(Map{{"RUNS_AGENT_ADMIN_TOKEN", std::move(token)},
                                {"RUNS_AGENT_ADMIN_READ_TOKEN", std::move(read_token)}});
        const Shown shown = config("check");
        EXPECT_EQ(shown.exit == Exit::done, shown.error.empty());
        return shown.error;
    };
    const std::string good = "sixteen-letters-";
    EXPECT_EQ(mistake(good, ""), "");
    EXPECT_EQ(mistake(good, good + "2"), "");
    EXPECT_NE(mistake("fifteen-letters", "").find("RUNS_AGENT_ADMIN_TOKEN is shorter"),
              std::string::npos);
    EXPECT_NE(mistake(good, "short").find("RUNS_AGENT_ADMIN_READ_TOKEN is shorter"),
              std::string::npos);
    EXPECT_NE(mistake(good, good).find("is the same as"), std::string::npos);
}

}  // namespace
}  // namespace runs_agent::agent
