// SPDX-License-Identifier: MIT
// Who needs some settings is not hindered by what is wrong with others.
#include "config/configuration.hpp"
#include "tests/temp_dir.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace runs_agent::config {
namespace {

using Variables = std::map<std::string, std::string>;
using Texts = std::vector<std::string>;

class NeedsTest : public testing::Test {
protected:
    std::string file(const std::string& name, const std::string& content) {
        std::ofstream(dir_.file(name), std::ios::binary) << content;
        return dir_.file(name);
    }
    tests::TempDir dir_;
};

TEST_F(NeedsTest, WhoNeedsOneSettingIsNotHinderedByTheOthers) {
    const std::string policy = file("policy.yml", "rules:\n  - repositry: a/b\n");
    const Variables broken{{"RUNS_AGENT_CONFIG", policy},
                           {"CURRENTS_API_URL", "no address"},
                           {"GITHUB_WEBHOOK_SECRET_FILE", "/nowhere"},
                           {"RUNS_AGENT_LOG", "loud"},
                           {"RUNS_AGENT_STATE_DIR", "/var/lib/x"}};
    const auto made = load(Environment(broken), {}, where_databases_are());
    ASSERT_TRUE(made.has_value()) << made.error().message;
    EXPECT_EQ(made->database_path, "/var/lib/x/runs-agent.db");
    const auto secret = load(Environment(broken), {}, {"GITHUB_WEBHOOK_SECRET"});
    EXPECT_NE(secret.error().message.find("/nowhere"), std::string::npos);
    EXPECT_EQ(secret.error().message.find('\n'), std::string::npos) << "and of nothing else";
    Variables wrong = broken;
    wrong["RUNS_AGENT_DATABASE"] = "mysql:x";
    EXPECT_TRUE(load(Environment(wrong), {}, where_databases_are()).has_error());
    std::vector<std::string> settings;
    for (const Mistake& one : read(Environment(broken), {}).mistakes)
        settings.push_back(one.setting);
    EXPECT_EQ(settings, (Texts{"GITHUB_WEBHOOK_SECRET", "CURRENTS_API_URL", "RUNS_AGENT_LOG",
                               "RUNS_AGENT_CONFIG"}));
}

TEST_F(NeedsTest, ThePublicAddressIsAnAddress) {
    const auto of = [](const char* url) {
        return read(Environment(Variables{{"RUNS_AGENT_PUBLIC_URL", url}}), {});
    };
    EXPECT_EQ(of("https://h/webhooks/github").configuration.public_url,
              "https://h/webhooks/github");
    EXPECT_FALSE(of("https://h/webhooks/github").error);
    for (const char* const bad :
         {"agent.example.com", "https://a:b@h/", "https://h/?x", "ftp://h/"})
        EXPECT_NE(of(bad).error.value().message.find("RUNS_AGENT_PUBLIC_URL"), std::string::npos)
            << bad;
}

}  // namespace
}  // namespace runs_agent::config
