// SPDX-License-Identifier: MIT
#include "config/configuration.hpp"

#include "tests/temp_dir.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace runs_agent::config {
namespace {

using Variables = std::map<std::string, std::string>;
using Texts = std::vector<std::string>;

Configuration loaded(Variables variables, const Flags& flags = {}) {
    auto configuration = load(Environment(std::move(variables)), flags);
    if (configuration.has_error()) throw std::runtime_error(configuration.error().message);
    return std::move(*configuration);
}

std::string mistake(Variables variables, const Flags& flags = {}) {
    const auto configuration = load(Environment(std::move(variables)), flags);
    if (!configuration.has_error()) return "it was read";
    EXPECT_EQ(configuration.error().code, Errc::bad_input);
    return configuration.error().message;
}

class ConfigurationTest : public testing::Test {
protected:
    std::string file(const std::string& name, const std::string& content) {
        std::ofstream(dir_.file(name), std::ios::binary) << content;
        return dir_.file(name);
    }
    tests::TempDir dir_;
};

TEST_F(ConfigurationTest, WithoutAnythingTheDocumentedDefaultsHold) {
    const Configuration made = loaded({{"RUNS_AGENT_STATE_DIR", "/var/lib/x"}});
    EXPECT_EQ(made.webhook_secrets, Texts());
    EXPECT_EQ(made.api_url, "https://api.currents.dev/v1");
    EXPECT_FALSE(made.api_url_given);
    EXPECT_FALSE(made.api_key_given);
    EXPECT_EQ(made.project_id, "");
    EXPECT_EQ(made.record_key, "");
    EXPECT_EQ(made.admin_token, "");
    EXPECT_EQ(made.listen, "127.0.0.1:8080");
    EXPECT_EQ(made.api_listen, "127.0.0.1:4000");
    EXPECT_EQ(made.database_path, "/var/lib/x/runs-agent.db");
    EXPECT_EQ(made.api_database_path, "/var/lib/x/runs-api.db");
    EXPECT_EQ(made.log_level, LogLevel::info);
    EXPECT_EQ(made.log_format, std::nullopt);
    EXPECT_EQ(made.policy_file, "");
    EXPECT_TRUE(made.policy.rules.empty());
    EXPECT_TRUE(made.policy.defaults.project_ids.empty());
}

TEST_F(ConfigurationTest, TheEnvironmentIsRead) {
    const Configuration made = loaded({{"GITHUB_WEBHOOK_SECRET", "s3cret"},
                                       {"CURRENTS_API_KEY", "key"},
                                       {"CURRENTS_API_URL", "http://localhost:4000/v1//"},
                                       {"CURRENTS_PROJECT_ID", "abc123"},
                                       {"CURRENTS_RECORD_KEY", "record"},
                                       {"CURRENTS_CI_BUILD_ID", "e2e-${{ github.run_id }}"},
                                       {"RUNS_AGENT_ADMIN_TOKEN", "token-of-an-admin"},
                                       {"RUNS_AGENT_LISTEN", "[::1]:0"},
                                       {"RUNS_AGENT_API_LISTEN", "localhost:65535"},
                                       {"RUNS_AGENT_DATABASE", "sqlite:/data/a.db"},
                                       {"RUNS_AGENT_LOG", "debug"},
                                       {"RUNS_AGENT_LOG_FORMAT", "json"}});
    EXPECT_EQ(made.webhook_secrets, Texts{"s3cret"});
    EXPECT_TRUE(made.api_key_given);
    EXPECT_EQ(*made.api_key(), "key");
    EXPECT_EQ(made.api_url, "http://localhost:4000/v1");
    EXPECT_TRUE(made.api_url_given);
    EXPECT_EQ(made.project_id, "abc123");
    EXPECT_EQ(made.record_key, "record");
    EXPECT_EQ(made.policy.defaults.project_ids, Texts{"abc123"});
    EXPECT_EQ(made.policy.defaults.ci_build_id.text(), "e2e-${{ github.run_id }}");
    EXPECT_EQ(made.admin_token, "token-of-an-admin");
    EXPECT_EQ(made.listen, "[::1]:0");
    EXPECT_EQ(made.api_listen, "localhost:65535");
    EXPECT_EQ(made.database_path, "/data/a.db");
    EXPECT_EQ(made.api_database_path, "/data/runs-api.db");
    EXPECT_EQ(made.log_level, LogLevel::debug);
    EXPECT_EQ(made.log_format, LogFormat::json);
}

TEST_F(ConfigurationTest, AFlagBeatsTheEnvironment) {
    Flags flags;
    flags.config_file = file("flag.yml", "rules: [{branch: flag}]");
    flags.listen = "127.0.0.1:1";
    flags.api_listen = "127.0.0.1:2";
    flags.database = "sqlite:/flag/a.db";
    flags.api_database = "sqlite:/flag/b.db";
    flags.api_url = "https://flag.example/v1";
    flags.project_id = "flag";
    flags.log_level = "error";
    flags.log_format = "text";
    const Configuration made =
        loaded({{"RUNS_AGENT_CONFIG", file("env.yml", "rules: [{branch: env}, {branch: env}]")},
                {"RUNS_AGENT_LISTEN", "127.0.0.1:3"},
                {"RUNS_AGENT_API_LISTEN", "127.0.0.1:4"},
                {"RUNS_AGENT_DATABASE", "sqlite:/env/a.db"},
                {"RUNS_AGENT_API_DATABASE", "sqlite:/env/b.db"},
                {"CURRENTS_API_URL", "https://env.example/v1"},
                {"CURRENTS_PROJECT_ID", "env"},
                {"RUNS_AGENT_LOG", "debug"},
                {"RUNS_AGENT_LOG_FORMAT", "json"}},
               flags);
    EXPECT_EQ(made.policy_file, *flags.config_file);
    ASSERT_EQ(made.policy.rules.size(), 1U);
    EXPECT_EQ(made.policy.rules[0].branch, Texts{"flag"});
    EXPECT_EQ(made.listen, "127.0.0.1:1");
    EXPECT_EQ(made.api_listen, "127.0.0.1:2");
    EXPECT_EQ(made.database_path, "/flag/a.db");
    EXPECT_EQ(made.api_database_path, "/flag/b.db");
    EXPECT_EQ(made.api_url, "https://flag.example/v1");
    EXPECT_EQ(made.project_id, "flag");
    EXPECT_EQ(made.policy.defaults.project_ids, Texts{"flag"});
    EXPECT_EQ(made.log_level, LogLevel::error);
    EXPECT_EQ(made.log_format, LogFormat::text);
}

TEST_F(ConfigurationTest, TheEnvironmentBeatsTheFile) {
    const std::string path = file("policy.yml",
                                  "defaults: {project_id: file, ci_build_id: file-id}\n"
                                  "rules: [{branch: main}]\n");
    const Configuration plain = loaded({{"RUNS_AGENT_CONFIG", path}});
    EXPECT_EQ(plain.policy.defaults.project_ids, Texts{"file"});
    EXPECT_EQ(plain.policy.defaults.ci_build_id.text(), "file-id");
    const Configuration made = loaded({{"RUNS_AGENT_CONFIG", path},
                                       {"CURRENTS_PROJECT_ID", "env1, env2"},
                                       {"CURRENTS_CI_BUILD_ID", "env-id"}});
    EXPECT_EQ(made.policy.defaults.project_ids, (Texts{"env1", "env2"}));
    EXPECT_EQ(made.policy.defaults.ci_build_id.text(), "env-id");
    ASSERT_EQ(made.policy.rules.size(), 1U);
    EXPECT_EQ(made.policy.rules[0].settings.project_ids, (Texts{"env1", "env2"}));
}

TEST_F(ConfigurationTest, ARulesOwnWordBeatsTheEnvironment) {
    const Configuration made = loaded(
        {{"RUNS_AGENT_CONFIG", file("policy.yml",
                                    "defaults: {project_id: file}\n"
                                    "rules: [{branch: main, project_id: own}, {project_id: []},"
                                    " {ci_build_id: own-id}]\n")},
         {"CURRENTS_PROJECT_ID", "env"},
         {"CURRENTS_CI_BUILD_ID", "env-id"}});
    ASSERT_EQ(made.policy.rules.size(), 3U);
    EXPECT_EQ(made.policy.rules[0].settings.project_ids, Texts{"own"});
    EXPECT_EQ(made.policy.rules[0].settings.ci_build_id.text(), "env-id");
    EXPECT_EQ(made.policy.rules[1].settings.project_ids, Texts());
    EXPECT_EQ(made.policy.rules[2].settings.project_ids, Texts{"env"});
    EXPECT_EQ(made.policy.rules[2].settings.ci_build_id.text(), "own-id");
}

TEST_F(ConfigurationTest, EachSecretMayBeMounted) {
    const Configuration made =
        loaded({{"GITHUB_WEBHOOK_SECRET_FILE", file("webhook", "new, old\n")},
                {"CURRENTS_API_KEY_FILE", file("key", "key\n")},
                {"CURRENTS_RECORD_KEY_FILE", file("record", "record\n")},
                {"RUNS_AGENT_ADMIN_TOKEN_FILE", file("admin", "token-of-an-admin\r\n")},
                {"CURRENTS_PROJECT_ID_FILE", file("project", "abc123\n")}});
    EXPECT_EQ(made.webhook_secrets, (Texts{"new", "old"}));
    EXPECT_EQ(*made.api_key(), "key");
    EXPECT_EQ(made.record_key, "record");
    EXPECT_EQ(made.admin_token, "token-of-an-admin");
    EXPECT_EQ(made.project_id, "abc123");
}

TEST_F(ConfigurationTest, TheApiKeyIsReadAnewAtEachCall) {
    const Configuration made = loaded({{"CURRENTS_API_KEY_FILE", file("key", "old")}});
    EXPECT_EQ(*made.api_key(), "old");
    file("key", "new\n");
    EXPECT_EQ(*made.api_key(), "new");
    file("key", "");
    EXPECT_NE(made.api_key().error().message.find("CURRENTS_API_KEY_FILE"), std::string::npos);
    const auto none = loaded({}).api_key();
    ASSERT_TRUE(none.has_error());
    EXPECT_EQ(none.error().code, Errc::bad_input);
    EXPECT_NE(none.error().message.find("set CURRENTS_API_KEY"), std::string::npos);
}

TEST_F(ConfigurationTest, SecretsOfAWebhookAreSeparatedByCommas) {
    const std::pair<const char*, Texts> cases[] = {
        {"one", {"one"}},
        {"one,two", {"one", "two"}},
        {" one ,\ttwo\n", {"one", "two"}},
        {",one,,two,", {"one", "two"}},
        {"It's a Secret", {"It's a Secret"}},
        // An empty one would let anybody sign.
        {",", {}},
        {" , ", {}},
    };
    for (const auto& [text, secrets] : cases)
        EXPECT_EQ(loaded({{"GITHUB_WEBHOOK_SECRET", text}}).webhook_secrets, secrets) << text;
}

TEST_F(ConfigurationTest, TheStateIsWhereItIsSaidToBe) {
    const std::pair<Variables, const char*> cases[] = {
        {{{"RUNS_AGENT_STATE_DIR", "/a"}, {"STATE_DIRECTORY", "/b"}}, "/a"},
        {{{"STATE_DIRECTORY", "/b:/c"}, {"XDG_STATE_HOME", "/d"}}, "/b"},
        {{{"XDG_STATE_HOME", "/d"}, {"HOME", "/home/x"}}, "/d/runs-agent"},
        {{{"RUNS_AGENT_STATE_DIR", "/a/../b/./c"}}, "/b/c"},
        {{}, "/var/lib/runs-agent"},
    };
    for (const auto& [variables, path] : cases) EXPECT_EQ(loaded(variables).state_dir, path);
    EXPECT_TRUE(loaded({{"RUNS_AGENT_STATE_DIR", "here"}}).state_dir.ends_with("/here"));
    EXPECT_TRUE(loaded({{"RUNS_AGENT_STATE_DIR", "here"}}).state_dir.starts_with("/"));
}

TEST_F(ConfigurationTest, EachMistakeNamesItsVariableAndACure) {
    struct Case {
        Variables variables;
        Texts says;
    };
    const Case cases[] = {
        {{{"RUNS_AGENT_LISTEN", "8080"}}, {"RUNS_AGENT_LISTEN", "\"8080\"", "127.0.0.1:8080"}},
        {{{"RUNS_AGENT_LISTEN", ":8080"}}, {"RUNS_AGENT_LISTEN", "ADDRESS:PORT"}},
        {{{"RUNS_AGENT_LISTEN", "localhost:"}}, {"RUNS_AGENT_LISTEN", "ADDRESS:PORT"}},
        {{{"RUNS_AGENT_LISTEN", "localhost:http"}}, {"RUNS_AGENT_LISTEN", "ADDRESS:PORT"}},
        {{{"RUNS_AGENT_LISTEN", "localhost:80x"}}, {"RUNS_AGENT_LISTEN", "ADDRESS:PORT"}},
        {{{"RUNS_AGENT_LISTEN", "localhost:-1"}}, {"RUNS_AGENT_LISTEN", "ADDRESS:PORT"}},
        {{{"RUNS_AGENT_LISTEN", "localhost:65536"}}, {"RUNS_AGENT_LISTEN", "ADDRESS:PORT"}},
        {{{"RUNS_AGENT_API_LISTEN", "localhost:99999999"}},
         {"RUNS_AGENT_API_LISTEN", "ADDRESS:PORT"}},
        {{{"CURRENTS_API_URL", "api.currents.dev"}}, {"CURRENTS_API_URL", "https://"}},
        {{{"CURRENTS_API_URL", "ftp://api.currents.dev"}}, {"CURRENTS_API_URL", "https://"}},
        {{{"CURRENTS_API_URL", "https://a.example/v1?key=x"}}, {"CURRENTS_API_URL", "query"}},
        {{{"RUNS_AGENT_DATABASE", "sqlite:a.db"}}, {"RUNS_AGENT_DATABASE", "absolute path"}},
        {{{"RUNS_AGENT_DATABASE", "/a.db"}}, {"RUNS_AGENT_DATABASE", "sqlite:/absolute/path.db"}},
        {{{"RUNS_AGENT_API_DATABASE", "sqlite:"}}, {"RUNS_AGENT_API_DATABASE", "absolute path"}},
        {{{"RUNS_AGENT_LOG", "verbose"}},
         {"RUNS_AGENT_LOG", "\"verbose\"", "debug, info, warn or error"}},
        {{{"RUNS_AGENT_LOG_FORMAT", "xml"}}, {"RUNS_AGENT_LOG_FORMAT", "\"xml\"", "text or json"}},
        {{{"CURRENTS_CI_BUILD_ID", "a-${{ github.run_idd }}"}},
         {"CURRENTS_CI_BUILD_ID, character 7: ", "did you mean \"github.run_id\"?"}},
        {{{"RUNS_AGENT_CONFIG", "/no/such/policy.yml"}},
         {"the policy file /no/such/policy.yml cannot be read"}},
        {{{"RUNS_AGENT_CONFIG", dir_.path().string()}}, {"cannot be read"}},
        {{{"RUNS_AGENT_CONFIG", file("bad.yml", "rules:\n  - colour: red\n")}},
         {dir_.file("bad.yml") + ":2:5: unknown key \"colour\""}},
    };
    for (const Case& each : cases) {
        const std::string told = mistake(each.variables);
        for (const std::string& part : each.says)
            EXPECT_NE(told.find(part), std::string::npos) << part << "\nin: " << told;
    }
}

TEST_F(ConfigurationTest, NoMistakeTellsASecret) {
    const std::string secret = "hunter2";
    const std::string path = file("secret", secret);
    for (const char* const name : {"GITHUB_WEBHOOK_SECRET", "CURRENTS_API_KEY",
                                   "CURRENTS_RECORD_KEY", "RUNS_AGENT_ADMIN_TOKEN"}) {
        const std::string both = std::string(name) + "_FILE";
        const std::string told = mistake({{name, secret}, {both, path}});
        EXPECT_EQ(told,
                  "both " + std::string(name) + " and " + both + " are set; keep one of them");
    }
    const std::string told =
        mistake({{"RUNS_AGENT_API_DATABASE", "postgresql://agent:hunter2@db.example/agent"}});
    EXPECT_NE(told.find("cannot be in PostgreSQL"), std::string::npos) << told;
    EXPECT_EQ(told.find(secret), std::string::npos) << told;
    const std::string spaced =
        mistake({{"RUNS_AGENT_DATABASE", "postgresql://agent:hunter2@db /a"}});
    EXPECT_NE(spaced.find("%20"), std::string::npos) << spaced;
    EXPECT_EQ(spaced.find(secret), std::string::npos) << spaced;
    const std::string other = mistake({{"RUNS_AGENT_DATABASE", "mysql://agent:hunter2@db"}});
    EXPECT_EQ(other.find(secret), std::string::npos) << other;
}

TEST_F(ConfigurationTest, ADatabaseMayBeShared) {
    const std::string url = "postgresql://agent:hunter2@db1,db2/agent?sslmode=verify-full";
    const auto made =
        load(Environment({{"RUNS_AGENT_DATABASE", url}, {"HOME", dir_.file("")}}), Flags{});
    ASSERT_TRUE(made.has_value()) << made.error().message;
    EXPECT_EQ(made->database_url, url);
    EXPECT_TRUE(made->api_database_path.ends_with("runs-api.db")) << made->api_database_path;
}

TEST_F(ConfigurationTest, EveryMistakeIsToldOnALineOfItsOwn) {
    const std::string policy = file("policy.yml", "colour: blue\n");
    const std::string told = mistake(
        {{"CURRENTS_API_URL", "x"}, {"RUNS_AGENT_LOG", "y"}, {"RUNS_AGENT_CONFIG", policy}});
    EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 2) << told;
    for (const char* const part : {"CURRENTS_API_URL", "RUNS_AGENT_LOG", "policy.yml:1:1"})
        EXPECT_NE(told.find(part), std::string::npos) << told;
}

TEST_F(ConfigurationTest, AfterAMistakeTheRestIsRead) {
    const std::string policy = file("policy.yml", "colour: blue\n");
    const Reading reading = read(Environment({{"CURRENTS_API_URL", "x"},
                                              {"CURRENTS_CI_BUILD_ID", "${{ github.sha }}"},
                                              {"CURRENTS_API_KEY_FILE", dir_.file("absent")},
                                              {"RUNS_AGENT_LISTEN", "everywhere"},
                                              {"RUNS_AGENT_API_LISTEN", "localhost:0"},
                                              {"RUNS_AGENT_CONFIG", policy}}),
                                 {});
    ASSERT_TRUE(reading.error);
    const std::string& told = reading.error->message;
    EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 4) << told;
    EXPECT_NE(told.find("policy.yml:1:1: unknown key"), std::string::npos) << told;
    EXPECT_EQ(reading.configuration.api_url, "https://api.currents.dev/v1");
    EXPECT_EQ(reading.configuration.listen, "127.0.0.1:8080");
    EXPECT_EQ(reading.configuration.api_listen, "localhost:0");
}

TEST_F(ConfigurationTest, AnAddressWithAPasswordIsRefusedAndNotRepeated) {
    for (const char* const url : {"https://user:hunter2@host/v1", "https://hunter2@host"}) {
        const std::string told = mistake({{"CURRENTS_API_URL", url}});
        EXPECT_NE(told.find("CURRENTS_API_URL must not hold"), std::string::npos) << told;
        EXPECT_EQ(told.find("hunter2"), std::string::npos) << told;
    }
    EXPECT_EQ(loaded({{"CURRENTS_API_URL", "https://host/v1/@x"}}).api_url, "https://host/v1/@x");
}

TEST_F(ConfigurationTest, ThePolicysPathHasOneVariable) {
    const std::string policy = file("policy.yml", "defaults: {}\n");
    for (const std::string& path : {policy, file("text.yml", "colour: hunter2\n")}) {
        const std::string told = mistake({{"RUNS_AGENT_CONFIG_FILE", path}});
        EXPECT_NE(told.find("goes into RUNS_AGENT_CONFIG"), std::string::npos) << told;
        EXPECT_EQ(told.find("hunter2"), std::string::npos) << told;
    }
}

TEST_F(ConfigurationTest, ARelativeXdgFolderIsIgnored) {
    EXPECT_EQ(loaded({{"XDG_STATE_HOME", "/x"}}).state_dir, "/x/runs-agent");
    EXPECT_EQ(loaded({{"XDG_STATE_HOME", "x"}}).state_dir, loaded({}).state_dir);
}

TEST_F(ConfigurationTest, HowLongThingsAreKeptIsHoursOrDays) {
    const auto kept = [](const char* bodies, const char* deliveries) {
        const Configuration made = loaded(
            {{"RUNS_AGENT_KEEP_BODIES", bodies}, {"RUNS_AGENT_KEEP_DELIVERIES", deliveries}});
        return std::pair(made.keep_bodies.count(), made.keep_deliveries.count());
    };
    EXPECT_EQ(kept("", ""), std::pair(7L * 24, 90L * 24));
    EXPECT_EQ(kept("36h", "7d"), std::pair(36L, 7L * 24));
    EXPECT_EQ(kept("0d", "3660d"), std::pair(0L, 3660L * 24));
    for (const char* const wrong :
         {"7", "d", "h", "-1d", "1.5d", "7 d", "7days", "4000d", "99999999999d", "2147483647d"})
        EXPECT_NE(mistake({{"RUNS_AGENT_KEEP_BODIES", wrong}})
                      .find("RUNS_AGENT_KEEP_BODIES is \"" + std::string(wrong) + "\""),
                  std::string::npos)
            << wrong;
    EXPECT_NE(mistake({{"RUNS_AGENT_KEEP_DELIVERIES", "6d"}}).find("168h at least"),
              std::string::npos)
        << "GitHub delivers again for three days";
}

}  // namespace
}  // namespace runs_agent::config
