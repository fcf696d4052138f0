// SPDX-License-Identifier: MIT
#include "doctor/github_side.hpp"

#include "expecting.hpp"

namespace runs_agent::doctor {
namespace {

const std::string url = "https://h/webhooks/github";

HookSeen hook() {
    HookSeen seen;
    seen.name = "webhook 1 of o/r";
    seen.url = url;
    seen.content_type = "json";
    seen.events = {"workflow_run"};
    return seen;
}

TEST(GitHubSide, Access) {
    using As = GitHubSeen::As;
    expect(judge_github({}), Verdict::not_looked_at, {"GITHUB_TOKEN_FILE"});
    expect(judge_github({As::app, "ours", std::nullopt}), Verdict::ok, {"ours"});
    expect(judge_github({As::app, "7", NotGot{401, "bad"}}), Verdict::wrong,
           {"GITHUB_APP_ID", "clock"});
    expect(judge_github({As::token, "", NotGot{401, "bad"}}), Verdict::wrong, {"revoked"});
    expect(judge_github({As::token, "", NotGot{0, "no route"}}), Verdict::wrong, {"no route"});
    expect(judge_github({As::app, "7", NotGot{404, "gone"}}), Verdict::wrong, {"404: gone"});
}

TEST(GitHubSide, WhatPassesIsNotWrong) {
    using As = GitHubSeen::As;
    const NotGot limited{403, "API rate limit exceeded", true};
    for (const NotGot& fault : {limited, NotGot{429, "Too many"}, NotGot{503, "Unicorn"}}) {
        expect(judge_github({As::token, "", fault}), Verdict::warning, {"later"});
        TokenSeen token;
        token.repository = "o/r";
        token.no_runs = fault;
        expect(judge_token(token, {}), Verdict::not_looked_at, {"later"});
        HookSeen seen = hook();
        seen.fault = fault;
        expect(judge_hook(seen, url, {})[0], Verdict::not_looked_at, {"later"});
        EXPECT_EQ(judge_hook(seen, url, {})[0].cure.find("right to"), std::string::npos);
    }
}

TEST(GitHubSide, A404IsOfAServerWithoutLimitsOnlyWhereItSaysSo) {
    using As = GitHubSeen::As;
    expect(judge_github({As::token, "", NotGot{404, "Rate limiting is not enabled."}}),
           Verdict::ok);
    expect(judge_github({As::token, "", NotGot{404, "Not Found"}}), Verdict::wrong,
           {"GITHUB_API_URL"});
    expect(judge_github({As::app, "7", NotGot{404, "Rate limiting is not enabled."}}),
           Verdict::wrong);
}

TEST(GitHubSide, AnAppsPermissions) {
    AppSeen seen;
    seen.permissions = {{"actions", "read"}};
    seen.events = {"workflow_run"};
    expect(judge_app(seen, {})[0], Verdict::ok, {"read"});
    expect(judge_app(seen, {.cancels_workflows = true})[0], Verdict::wrong, {"wanted is write"});
    seen.permissions = {{"actions", "write"}};
    expect(judge_app(seen, {.cancels_workflows = true})[0], Verdict::ok);
    seen.permissions.clear();
    expect(judge_app(seen, {})[0], Verdict::wrong, {"none", "read"});
    seen.events.clear();
    expect(judge_app(seen, {})[1], Verdict::wrong, {"workflow_run"});
}

TEST(GitHubSide, Installations) {
    AppSeen seen;
    seen.permissions = {{"actions", "write"}};
    seen.events = {"workflow_run"};
    seen.installations.emplace();
    expect(judge_app(seen, {})[1], Verdict::wrong, {"installed nowhere"});
    seen.installations = {{"octo", false, {{"actions", "read"}}}, {"ada", true, {}}};
    const Findings found = judge_app(seen, {});
    ASSERT_EQ(found.size(), 3U);
    expect(found[1], Verdict::ok);
    EXPECT_EQ(found[1].of, "octo");
    expect(found[2], Verdict::wrong, {"suspended"});
    expect(judge_app(seen, {.cancels_workflows = true})[1], Verdict::wrong, {"accepts the new"});
}

TEST(GitHubSide, AToken) {
    TokenSeen seen;
    expect(judge_token(seen, {}), Verdict::not_looked_at, {"--repository"});
    seen.repository = "o/r";
    expect(judge_token(seen, {}), Verdict::ok);
    seen.scopes = "admin:repo_hook, public_repository";
    expect(judge_token(seen, {}), Verdict::ok);
    seen.scopes = "gist";
    expect(judge_token(seen, {.cancels_workflows = true}), Verdict::wrong, {"scope repo"});
    seen.scopes = "";
    expect(judge_token(seen, {.cancels_workflows = true}), Verdict::ok, {"fine-grained"});
    seen.no_runs = NotGot{404, "Not Found"};
    expect(judge_token(seen, {}), Verdict::wrong, {"404", "Actions: Read"});
    seen.no_runs = NotGot{0, "no route"};
    expect(judge_token(seen, {}), Verdict::not_looked_at, {"no route"});
}

TEST(GitHubSide, AWebhook) {
    expect(judge_hook(hook(), url, {})[0], Verdict::ok, {"workflow_run"});
    expect(judge_hook(hook(), "", {})[0], Verdict::ok);
    HookSeen seen = hook();
    seen.active = false;
    seen.url += "/";
    seen.content_type = "xml";
    seen.has_secret = false;
    seen.events = {"push"};
    seen.insecure_ssl = true;
    const Findings found = judge_hook(seen, "https://other/", {.jobs = true});
    ASSERT_EQ(found.size(), 8U);
    for (const auto& [at, word] : {std::pair{0, "switched off"},
                                   {1, "and not https://other/"},
                                   {2, "slash"},
                                   {3, "xml"},
                                   {4, "no secret"},
                                   {5, "workflow_run"}})
        expect(found[static_cast<std::size_t>(at)], Verdict::wrong, {word});
    expect(found[6], Verdict::warning, {"workflow_job"});
    expect(found[7], Verdict::warning, {"SSL"});
    seen.fault = NotGot{403, "Resource not accessible"};
    expect(judge_hook(seen, url, {})[0], Verdict::not_looked_at, {"403", "admin:repo_hook"});
}

TEST(GitHubSide, AnAddressIsComparedByWhatItMeans) {
    HookSeen seen = hook();
    seen.url = "HTTPS://H:443/webhooks/github";
    expect(judge_hook(seen, url, {})[0], Verdict::ok);
}

TEST(GitHubSide, NoSecretOfAPayloadUrlIsShown) {
    HookSeen seen = hook();
    seen.url = "https://u:s3cret@h/webhooks/github?token=s3cret";
    const Finding well = judge_hook(seen, url, {})[0];
    expect(well, Verdict::ok, {"https://***@h/webhooks/github?***"});
    const Finding elsewhere = judge_hook(seen, "https://other?key=s3cret", {})[0];
    expect(elsewhere, Verdict::wrong, {"and not https://other?***"});
    for (const Finding& one : {well, elsewhere})
        EXPECT_EQ((one.says + one.why + one.cure + one.of).find("s3cret"), std::string::npos);
}

TEST(GitHubSide, AnAppWithoutAWebhook) {
    HookSeen seen = hook();
    seen.of_app = true;
    seen.url.clear();
    expect(judge_hook(seen, url, {})[0], Verdict::wrong, {"has none", "tick Active"});
    seen.fault = NotGot{404, "Not Found"};
    expect(judge_hook(seen, url, {})[0], Verdict::wrong, {"has none"});
    seen.others_heard = true;
    expect(judge_hook(seen, url, {})[0], Verdict::ok, {"other webhooks"});
    AppSeen app;
    app.permissions = {{"actions", "read"}};
    app.sends = false;
    EXPECT_EQ(judge_app(app, {}).size(), 1U) << "its events are nobody's";
}

TEST(GitHubSide, EventsOfAnAppAreItsOwn) {
    HookSeen seen = hook();
    seen.of_app = true;
    seen.events.clear();
    expect(judge_hook(seen, url, {})[0], Verdict::ok, {"posts to"});
}

}  // namespace
}  // namespace runs_agent::doctor
