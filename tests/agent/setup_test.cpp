// SPDX-License-Identifier: MIT
// The pure parts of setup: where a GitHub is, what is asked of it, what it made, what is left
// behind.
#include "agent/setup/made_app.hpp"
#include "agent/setup/page.hpp"
#include "agent/setup/texts.hpp"
#include "agent/setup/wish.hpp"

#include <gtest/gtest.h>

namespace runs_agent::agent::setup {
namespace {

TEST(Setup, KnowsWhereAGitHubIs) {
    const auto expect = [](const char* host, const char* name, const char* web, const char* api) {
        const auto places = places_of(host);
        ASSERT_TRUE(places.has_value()) << host << ": " << places.error().message;
        EXPECT_EQ(places->host, name);
        EXPECT_EQ(places->web, web);
        EXPECT_EQ(places->api, api);
    };
    for (const char* const host : {"github.com", "https://GitHub.com/", "www.github.com",
                                   "https://api.github.com", "github.com:443"})
        expect(host, "github.com", "https://github.com", "https://api.github.com");
    for (const char* const host : {"octo.ghe.com", "https://api.octo.ghe.com"})
        expect(host, "octo.ghe.com", "https://octo.ghe.com", "https://api.octo.ghe.com");
    expect("github.example.com", "github.example.com", "https://github.example.com",
           "https://github.example.com/api/v3");
    expect("http://ghes.test:8443", "ghes.test:8443", "http://ghes.test:8443",
           "http://ghes.test:8443/api/v3");
    // A host that only looks like one of ghe.com.
    expect("notghe.com", "notghe.com", "https://notghe.com", "https://notghe.com/api/v3");
    for (const char* const wrong : {"", "ghe.com", "https://github.example.com/api/v3", "ftp://x",
                                    "a b", "https://ada:secret@github.com", "x?y", "x#y"})
        EXPECT_TRUE(places_of(wrong).has_error()) << wrong;
}

TEST(Setup, DoesNotRepeatAPassword) {
    for (const char* const text : {"https://ada:hidden@x.test", "ada:hidden@x.test/a b"}) {
        EXPECT_EQ(places_of(text).error().message.find("hidden"), std::string::npos);
        EXPECT_EQ(webhook_url(text).error().message.find("hidden"), std::string::npos);
    }
}

TEST(Setup, CompletesTheAddressOfTheWebhook) {
    constexpr const char* whole = "https://agent.example.com/webhooks/github";
    for (const char* const text :
         {"agent.example.com", " https://agent.example.com ", "https://agent.example.com/", whole,
          "https://agent.example.com:443", "https://AGENT.example.com/webhooks/github/"})
        EXPECT_EQ(webhook_url(text).value(), whole) << text;
    EXPECT_EQ(webhook_url("http://agent.intern:8080").value(),
              "http://agent.intern:8080/webhooks/github");
    EXPECT_EQ(webhook_url("https://x.test/agent/webhooks/github").value(),
              "https://x.test/agent/webhooks/github");
    for (const char* const wrong :
         {"", "localhost", "http://localhost:8080", "https://127.0.0.1/x", "https://[::1]", "a b",
          "ftp://x", "https://x/?a=b", "https://x/#a", "https://ada:secret@x"})
        EXPECT_TRUE(webhook_url(wrong).has_error()) << wrong;
}

Wish wish_of(const char* owner) {
    Wish wish;
    wish.github = places_of("github.com").value();
    wish.owner = owner;
    wish.url = "https://agent.example.com/webhooks/github";
    wish.name = "runs-agent-octo";
    return wish;
}

TEST(Setup, TheManifestHoldsNoSecretAndNoEventOfInstallations) {
    Wish wish = wish_of("octo");
    wish.jobs = true;
    wish.cancel_workflows = true;
    EXPECT_EQ(
        manifest(wish, "http://127.0.0.1:1/back"),
        R"({"name":"runs-agent-octo","url":"https://agent.example.com",)"
        R"("hook_attributes":{"url":"https://agent.example.com/webhooks/github","active":true},)"
        R"("redirect_url":"http://127.0.0.1:1/back","description":"Tells runs-agent how workflow )"
        R"(runs end, so that the test runs that they recorded end with them.","public":false,)"
        R"("default_events":["workflow_run","workflow_job"],)"
        R"("default_permissions":{"actions":"write"}})");
    EXPECT_EQ(new_app_address(wish, "abc"),
              "https://github.com/organizations/octo/settings/apps/new?state=abc");
    EXPECT_EQ(new_app_address(wish_of(""), "abc"),
              "https://github.com/settings/apps/new?state=abc");
}

TEST(Setup, NamesAreAsLongAsGitHubTakesThem) {
    EXPECT_EQ(app_name("octo", "x"), "runs-agent-octo");
    EXPECT_EQ(app_name("", "a1b2c3"), "runs-agent-a1b2c3");
    const std::string cut = app_name("an-organization-of-some-length-indeed", "x");
    EXPECT_LE(cut.size(), 34U);
    EXPECT_FALSE(cut.ends_with('-'));
    EXPECT_TRUE(check_app_name(cut).has_value());
    EXPECT_TRUE(check_app_name(std::string(35, 'n')).has_error());
}

TEST(Setup, SeesWhatTheAppHasLessOf) {
    github::App app;
    app.permissions = {{"actions", "read"}, {"metadata", "read"}};
    app.events = {"workflow_run"};
    Wish wish = wish_of("octo");
    EXPECT_EQ(lacking(app, wish), "");
    wish.cancel_workflows = true;
    wish.jobs = true;
    EXPECT_EQ(lacking(app, wish), "permission actions: read, not write, no event workflow_job");
    app.permissions["actions"] = "write";
    wish.cancel_workflows = false;
    EXPECT_EQ(lacking(app, wish), "no event workflow_job");
    app.permissions.clear();
    EXPECT_EQ(lacking(app, wish), "permission actions: none, not read, no event workflow_job");
}

TEST(Setup, TellsWhoOwnsTheAppWhereItIsAnother) {
    github::App app;
    app.owner = "ada";
    app.slug = "runs-agent-octo";
    const auto checked = check_made(app, wish_of("octo"));
    ASSERT_TRUE(checked.has_error());
    EXPECT_NE(
        checked.error().message.find("https://github.com/settings/apps/runs-agent-octo/advanced"),
        std::string::npos)
        << checked.error().message;
    // GitHub's logins know no case.
    app.owner = "Octo";
    EXPECT_EQ(check_made(app, wish_of("octo")).error().message.find("not under"),
              std::string::npos);
}

TEST(Setup, ReadsTheAddressThatTheBrowserEndedOn) {
    for (const char* const text :
         {"http://127.0.0.1:4567/back?code=abc123&state=s-1", "/back?state=s-1&code=abc123",
          " code=abc123&state=s-1\n", "http://127.0.0.1:4567/back?code=abc123&state=s-1#x"}) {
        const auto back = read_return(text);
        ASSERT_TRUE(back.has_value()) << text;
        EXPECT_EQ(back->code, "abc123");
        EXPECT_EQ(back->state, "s-1");
    }
    for (const char* const wrong :
         {"", "code=abc", "state=s", "?code=&state=s", "code=a/b&state=s", "code=..%2Fx&state=s"})
        EXPECT_TRUE(read_return(wrong).has_error()) << wrong;
    EXPECT_TRUE(same_state("abc", "abc"));
    EXPECT_FALSE(same_state("abc", "abd"));
    EXPECT_FALSE(same_state("abc", ""));
}

TEST(Setup, TellsAProxyFromGitHub) {
    EXPECT_NE(in_words(403, "<html> <h1>403").find("proxy"), std::string::npos);
    EXPECT_EQ(in_words(404, "Not Found"), "GitHub says: Not Found (404)");
    EXPECT_NE(in_words(301, "").find("redirect"), std::string::npos);
}

TEST(Setup, WritesWhatTheDaemonReads) {
    Left left;
    left.secret_file = "/srv/my agent/webhook-secret";
    left.key_file = "/srv/50%/github-app.pem";
    left.app_id = "7";
    EXPECT_EQ(environment_file(left),
              "# Made by runs-agent setup. The secrets are in the files that it names.\n"
              "GITHUB_WEBHOOK_SECRET_FILE='/srv/my agent/webhook-secret'\n"
              "GITHUB_APP_ID=7\nGITHUB_APP_PRIVATE_KEY_FILE=/srv/50%/github-app.pem\n");
    left.api_url = "https://octo.example/api/v3";
    EXPECT_EQ(drop_in(left),
              "# Made by runs-agent setup: the GitHub App of this service.\n[Service]\n"
              "LoadCredential=github-app-key:/srv/50%%/github-app.pem\n"
              "Environment=GITHUB_APP_ID=7 GITHUB_APP_PRIVATE_KEY_FILE=%d/github-app-key\n"
              "Environment=GITHUB_API_URL=https://octo.example/api/v3\n");
    EXPECT_EQ(drop_in_place("/lib/systemd/system/runs-agent.service"),
              "/etc/systemd/system/runs-agent.service.d/github-app.conf");
    EXPECT_EQ(drop_in_place("/etc/systemd/system/runs-agent.service"),
              "/etc/systemd/system/runs-agent.service.d/github-app.conf");
    EXPECT_EQ(show_command(left), "runs-agent deliveries list");
    left.unit = "/lib/systemd/system/runs-agent.service";
    EXPECT_EQ(show_command(left), "sudo runs-agent deliveries list");
    left.unit.clear();
    left.kubernetes = true;
    EXPECT_EQ(show_command(left),
              "kubectl exec deployment/runs-agent -- runs-agent deliveries list");
    EXPECT_EQ(kubernetes_secret({{"a", "b\n"}}),
              "apiVersion: v1\nkind: Secret\nmetadata:\n  name: runs-agent\n"
              "  labels: {app.kubernetes.io/name: runs-agent}\ntype: Opaque\ndata:\n  a: Ygo=\n");
}

TEST(Setup, ThePageLoadsNothingAndItsFormMayGoToGitHubAlone) {
    Wish wish = wish_of("octo");
    const std::string policy = content_policy(wish);
    EXPECT_EQ(policy.find("default-src 'none'; style-src 'sha256-"), 0U) << policy;
    EXPECT_NE(policy.find("; form-action https:; "), std::string::npos) << policy;
    wish.github = places_of("http://ghes.test").value();
    EXPECT_NE(content_policy(wish).find("; form-action https: http:; "), std::string::npos);
    wish.name = "<b>\"x\"";
    const std::string page = button_page(wish, manifest(wish, "http://127.0.0.1:1/back"), "s");
    EXPECT_EQ(page.find("<b>"), std::string::npos);
    EXPECT_EQ(page.find("src="), std::string::npos);
}

TEST(Setup, TellsTheLineOfTheTunnel) {
    const Way plain{"ada", "192.0.2.7 50022 198.51.100.9 22", "here"};
    const Way six{"ada", "192.0.2.7 50022 2001:db8::9 2222", "here"};
    const Way unknown{"", "", "here"};  // as under sudo
    EXPECT_EQ(tunnel_command("4000", plain), "ssh -N -L 4000:127.0.0.1:4000 ada@198.51.100.9");
    EXPECT_EQ(tunnel_command("4000", six), "ssh -N -L 4000:127.0.0.1:4000 -p 2222 ada@2001:db8::9");
    EXPECT_EQ(tunnel_command("4000", unknown),
              "ssh -N -L 4000:127.0.0.1:4000 here   # or your name for this server");
    EXPECT_EQ(copy_command("/a b.html", plain), "scp 'ada@198.51.100.9:/a b.html' .");
    EXPECT_EQ(copy_command("/b.html", six), "scp -P 2222 'ada@[2001:db8::9]:/b.html' .");
}

TEST(Setup, DoubtsWhatTheInternetDoesNotReach) {
    Wish wish = wish_of("octo");
    EXPECT_EQ(doubt_of(wish), "");
    for (const char* const url :
         {"http://agent:8080/x", "https://10.1.2.3/x", "https://192.168.0.7/",
          "https://[fd00::1]/x", "https://169.254.1.1/"}) {
        wish.url = url;
        wish.github = places_of("octo.ghe.com").value();
        EXPECT_NE(doubt_of(wish), "") << url;
        // A server of one's own may stand beside it.
        wish.github = places_of("github.example.com").value();
        EXPECT_EQ(doubt_of(wish), "") << url;
    }
    wish.github = places_of("github.com").value();
    wish.url = "https://93.184.216.34/x";
    EXPECT_EQ(doubt_of(wish), "");
}

TEST(Setup, ANameIsOneLine) {
    for (const char* const name : {"a\nb", "a\rb", "a\tb", "a\u202eb"})
        EXPECT_TRUE(check_app_name(name).has_error()) << name;
}

}  // namespace
}  // namespace runs_agent::agent::setup
