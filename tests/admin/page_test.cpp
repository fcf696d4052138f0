// SPDX-License-Identifier: MIT
// The screens as functions: what they say, and that strangers' texts are texts.
#include "admin/page/assets.hpp"
#include "admin/page/screens.hpp"
#include "base/time_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace runs_agent::admin::page {
namespace {

using namespace std::chrono_literals;

const Time now(490'000h);

Frame frame() {
    Frame made;
    made.title = "x";
    made.visitor.by_cookie = true;
    made.visitor.role = Role::admin;
    made.visitor.form_token = "form-token";
    made.now = now;
    return made;
}

store::DeliveryRow row() {
    store::DeliveryRow made;
    made.guid = "72d3162e";
    made.event = "workflow_run";
    made.host = "github.com";
    made.repository = "octo/shop";
    made.received_at = now - 1h;
    made.decided_at = now - 1h;
    made.rule = "R1";
    made.run.emplace();
    made.run->key = {"github.com", 1001};
    made.run->attempt = 2;
    return made;
}

bool has(const std::string& html, std::string_view part) {
    return html.find(part) != std::string::npos;
}

TEST(Html, TextsAreTexts) {
    Html html;
    html.raw("<a href=").attribute("x\"><script>'&").raw(">").name("<b>\xe2\x80\xae & \x01\xff");
    EXPECT_EQ(html.str(),
              "<a href=\"x&quot;&gt;&lt;script&gt;&#39;&amp;\"><bdi>&lt;b&gt;\\u202e &amp; "
              "\\u0001\xef\xbf\xbd</bdi>");
    // What joins emoji is no harm.
    Html emoji;
    emoji.text("\xe2\x9d\xa4\xef\xb8\x8f");
    EXPECT_EQ(emoji.str(), "\xe2\x9d\xa4\xef\xb8\x8f");
}

TEST(Html, NumbersAndSpansAreForPeople) {
    Html html;
    html.number(1'234'567).raw(" ").number(12).raw(" ").number(-1'000);
    EXPECT_EQ(html.str(), "1,234,567 12 -1,000");
    EXPECT_EQ(span_in_words(3ms), "3 ms");
    EXPECT_EQ(span_in_words(6min), "6 min");
    EXPECT_EQ(span_in_words(49h), "2 d");
}

TEST(Overview, TheWorstThingFirstWithItsCure) {
    Overview shown;
    shown.newest = {row()};
    shown.hours = {{now, 3, 1, 1, 0, 0}};
    EXPECT_TRUE(has(overview(frame(), shown), "All is well."));
    shown.paused_until = now + 5min;
    EXPECT_TRUE(has(overview(frame(), shown), "All is well.")) << "nothing waits for it";
    shown.backlog.pending = 3;
    const std::string paused = overview(frame(), shown);
    EXPECT_TRUE(has(paused, "The Runs API asks to be left alone until " + to_iso8601(now + 5min)));
    EXPECT_TRUE(has(paused, "3 calls are waiting for that"));
    shown.backlog.dead = 2;
    EXPECT_TRUE(has(overview(frame(), shown), "2 calls are given up."));
    shown.backlog.held = 1;
    shown.backlog.held_because = "the API key was refused (403)";
    EXPECT_TRUE(has(overview(frame(), shown), "1 call is held: the API key was refused (403)."));
    shown.store_fault = "disk full";
    EXPECT_TRUE(has(overview(frame(), shown), "The database cannot be written: disk full"));
    shown = {};
    EXPECT_TRUE(has(overview(frame(), shown), "No delivery has come yet."));
    shown.newest = {row()};
    shown.hours = {{now, 0, 0, 0, 0, 0}};
    EXPECT_TRUE(has(overview(frame(), shown), "Nothing has come for 24 hours."));
}

TEST(Overview, IsNotWellWhereTheSetUpIsNot) {
    using doctor::Check;
    Overview shown;
    shown.newest = {row()};
    shown.hours = {{now, 3, 1, 1, 0, 0}};
    shown.backlog.pending = 2;
    EXPECT_TRUE(has(overview(frame(), shown), "2 calls are open; they are made"));
    shown.wrong = {
        doctor::warning(Check::api_key, "it answers 503", "calls wait", "ask its status page")};
    const std::string away = overview(frame(), shown);
    EXPECT_TRUE(has(away, "API key: it answers 503."));
    EXPECT_TRUE(has(away, "calls wait. Cure: ask its status page."));
    EXPECT_FALSE(has(away, "All is well."));
    shown.wrong = {
        doctor::wrong(Check::hook, "it is <off>", "nothing comes", "tick Active", "webhook 1"),
        doctor::wrong(Check::hook, "it ends in a slash", "", "take it away", "webhook 1"),
        doctor::wrong(Check::held_calls, "one waits", "", "a key"),
        doctor::wrong(Check::clock, "it is ahead", "", "NTP")};
    const std::string off = overview(frame(), shown);
    EXPECT_TRUE(has(off, "Webhook (webhook 1): it is &lt;off&gt;."));
    EXPECT_TRUE(has(off, "nothing comes. Cure: tick Active."));
    EXPECT_TRUE(has(off, "Also: <bdi>Clock</bdi>. <a href=\"setup\">"));
    // What it has a sentence of its own for is told of once; the rest is beside it.
    shown.backlog.held = 1;
    shown.backlog.held_because = "the API key was refused (403)";
    const std::string held = overview(frame(), shown);
    EXPECT_TRUE(has(held, "1 call is held"));
    EXPECT_TRUE(has(held, "Also: <bdi>Webhook (webhook 1)</bdi>, <bdi>Clock</bdi>."));
    EXPECT_FALSE(has(held, "one waits"));
}

TEST(Overview, TheWorstHoldsWhateverItsPlace) {
    using doctor::Check;
    Overview shown;
    shown.newest = {row()};
    shown.hours = {{now, 3, 1, 1, 0, 0}};
    const auto away = doctor::warning(Check::api_key, "it answers 503", "calls wait", "wait");
    shown.wrong = {away, doctor::wrong(Check::clock, "it is ahead", "", "NTP")};
    const std::string both = overview(frame(), shown);
    EXPECT_TRUE(has(both, "Clock: it is ahead."));
    EXPECT_TRUE(has(both, "Also: <bdi>API key</bdi>."));
    EXPECT_TRUE(has(both, "\"verdict bad\""));
    shown.backlog.held = 1;
    EXPECT_TRUE(has(overview(frame(), shown), "\"verdict bad\"")) << "a check is named beside it";
    shown.wrong = {away};
    EXPECT_TRUE(has(overview(frame(), shown), "\"verdict warn\""));
    shown.backlog.held = 0;
    shown.backlog.dead = 1;
    const std::string dead = overview(frame(), shown);
    EXPECT_TRUE(has(dead, "1 call is given up."));
    EXPECT_TRUE(has(dead, "Also: <bdi>API key</bdi>."));
}

TEST(Overview, NotAllIsWellWhileServicesHaveYetToAnswer) {
    Overview shown;
    shown.newest = {row()};
    shown.hours = {{now, 3, 1, 1, 0, 0}};
    shown.checking = true;
    const std::string first = overview(frame(), shown);
    EXPECT_TRUE(has(first, "Nothing is wrong so far; the set-up is being checked."));
    EXPECT_FALSE(has(first, "All is well."));
}

TEST(Overview, SpecsAreNotCountedAsRuns) {
    Overview shown;
    shown.hours = {{now - 1h, 3, 0, 0, 2, 0, 68, 0}, {now, 1, 0, 0, 1, 0, 1'002, 0}};
    EXPECT_TRUE(has(overview(frame(), shown), "<strong>1,070</strong><span>specs reopened</span>"));
    shown.hours[0].uncounted = 1;
    EXPECT_TRUE(has(overview(frame(), shown), "1,070</strong><span>specs reopened, at least<"));
}

TEST(Setup, TheChecklistHasTheWorstFirst) {
    page::Setup shown;
    EXPECT_FALSE(has(setup(frame(), shown), "class=\"checks\"")) << "nothing is known: no list";
    shown.report.at = now - 5s;
    shown.report.findings = {
        doctor::ok(doctor::Check::settings, "all of them can be read"),
        doctor::warning(doctor::Check::disk, "little room", "it fills", "make room"),
        doctor::wrong(doctor::Check::hook, "<i>off</i>", "nothing comes", "switch it on", "a<b>"),
        doctor::not_looked_at(doctor::Check::clock, "nobody answered", "ask")};
    const std::string html = setup(frame(), shown);
    const char* const wanted[] = {"1 thing is wrong",
                                  "1 wrong, 1 warning, 1 ok, 1 not looked at",
                                  "&lt;i&gt;off&lt;/i&gt;",
                                  "switch it on",
                                  "make room",
                                  "all of them can be read",
                                  "To see it"};
    std::size_t at = 0;
    for (const char* const part : wanted) {
        const std::size_t found = html.find(part, at);
        ASSERT_NE(found, std::string::npos) << part;
        at = found;
    }
    EXPECT_FALSE(has(html, "have not all answered yet"));
    shown.report.still_asking = true;
    EXPECT_TRUE(has(setup(frame(), shown), "have not all answered yet"));
    shown.report.findings.erase(shown.report.findings.begin() + 1, shown.report.findings.end());
    EXPECT_TRUE(has(setup(frame(), shown), "Nothing wrong so far"));
    EXPECT_FALSE(has(setup(frame(), shown), "All is well")) << "not all were asked";
    shown.report.still_asking = false;
    EXPECT_TRUE(has(setup(frame(), shown), "All is well"));
}

TEST(Overview, DryRunIsABanner) {
    Frame dry = frame();
    EXPECT_FALSE(has(overview(dry, {}), "Dry run"));
    dry.dry_run = true;
    EXPECT_TRUE(has(overview(dry, {}), "Dry run"));
}

TEST(Deliveries, AFilterIsPartOfEachAddress) {
    Deliveries shown;
    shown.filter = "repo:octo/* x\"y";
    shown.page.rows = {row()};
    shown.page.next = "72d";
    const std::string html = deliveries(frame(), shown);
    EXPECT_TRUE(has(html, "deliveries?q=repo%3Aocto%2F%2A%20x%22y&amp;before=72d"));
    EXPECT_TRUE(has(html, "value=\"repo:octo/* x&quot;y\""));
    EXPECT_TRUE(has(html, "https://github.com/octo/shop/actions/runs/1001/attempts/2"));
    EXPECT_TRUE(has(html, "name=\"which\" value=\"all\""));
}

TEST(Deliveries, WhoMayLookSeesNoActions) {
    Deliveries shown;
    shown.page.rows = {row()};
    Frame reader = frame();
    reader.visitor.role = Role::reader;
    EXPECT_FALSE(has(deliveries(reader, shown), "formaction"));
    EXPECT_FALSE(has(deliveries(reader, shown), "checkbox\" name=\"id\""));
    EXPECT_TRUE(has(deliveries(frame(), shown), "formaction"));
}

TEST(Deliveries, ALookThatWasCutSaysHowFarItCame) {
    Deliveries shown;
    shown.filter = "x";
    shown.page.next = "72d";
    shown.page.looked_until = now;
    const std::string html = deliveries(frame(), shown);
    EXPECT_TRUE(has(html, "Look further back"));
    EXPECT_TRUE(has(html, "Nothing found so far."));
}

TEST(Confirmation, SaysWhatIsLeftAloneAndWhy) {
    Confirmation shown;
    shown.filter = "state:dead";
    shown.outcome.deliveries = 130;
    shown.outcome.calls = 145;
    shown.outcome.left_alone = {{"it <runs> again", 4}};
    const std::string html = confirmation(frame(), shown);
    EXPECT_TRUE(has(html, "Replay 130 deliveries?"));
    EXPECT_TRUE(has(html, "145 calls"));
    EXPECT_TRUE(has(html, "4 are left alone"));
    EXPECT_TRUE(has(html, "it &lt;runs&gt; again"));
    EXPECT_TRUE(has(html, "value=\"form-token\""));
}

TEST(Delivery, IdleTimeIsFoldedAndTheNextTryIsSaid) {
    Delivery shown;
    shown.detail.row = row();
    store::CallHistory history;
    history.call.state = store::CallState::pending;
    history.call.planned_at = now - 1h;
    history.call.due_at = now + 40s;
    history.tries = {{now - 54min, 3ms, 500, "500 oh no"}};
    shown.detail.calls = {history};
    shown.detail.row.calls = shown.detail.row.calls_open = 1;
    const std::string html = delivery(frame(), shown);
    EXPECT_TRUE(has(html, "6 min later"));
    EXPECT_TRUE(has(html, "in 40 s"));
    EXPECT_TRUE(has(html, "500 oh no"));
    EXPECT_TRUE(has(html, "id=\"do-drop\""));
}

TEST(Delivery, ThePolicyIsThatOfItsDecisionAndTodaysIsSaidBesideIt) {
    Delivery shown;
    shown.detail.row = row();
    EXPECT_TRUE(has(delivery(frame(), shown), "not kept by the version that decided this"));
    shown.detail.row.policy = "";
    EXPECT_FALSE(has(delivery(frame(), shown), "policy then")) << "nothing of it was asked for";
    shown.detail.row.policy = "rule 2 (policy.yml:7): branch <b>";
    shown.now.emplace();
    shown.now->policy = "rule 1 (policy.yml:3): everything";
    const std::string html = delivery(frame(), shown);
    EXPECT_TRUE(has(html, "<dt>policy then</dt><dd><bdi>rule 2 (policy.yml:7): branch &lt;b&gt;"));
    EXPECT_TRUE(has(html,
                    "holds today: <bdi>rule 1 (policy.yml:3): everything</bdi>; then: "
                    "<bdi>rule 2 (policy.yml:7): branch &lt;b&gt;</bdi>."));
    shown.now->policy = *shown.detail.row.policy;
    EXPECT_FALSE(has(html, "What it does today"));
    // Why a newer push ended nothing stands there openly.
    shown.does = {"older runs are not superseded"};
    EXPECT_TRUE(has(delivery(frame(), shown),
                    "<details open><summary>What it does today</summary><ul>"
                    "<li>older runs are not superseded</li></ul></details>"));
    shown.now->calls.emplace_back();
    EXPECT_TRUE(has(delivery(frame(), shown), "<details><summary>What it does today"));
    EXPECT_FALSE(has(delivery(frame(), shown), "as it did then"))
        << "its settings may be others, which the text does not have";
    shown.detail.row.decided_at.reset();
    EXPECT_FALSE(has(delivery(frame(), shown), "policy then"));
}

TEST(Addresses, AreRelativeAndWordsOfAShellAreOneWord) {
    EXPECT_EQ(run_address("github.com", "octo/sh op", 1), "runs/github.com/octo/sh%20op/1");
    EXPECT_EQ(deliveries_address(""), "deliveries");
    EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
}

TEST(Assets, AreSmall) {
    std::size_t packed = 0;
    for (const char* const name : {"style.css", "script.js", "icon.svg"}) {
        const Asset* const asset = find_asset(name);
        ASSERT_NE(asset, nullptr) << name;
        packed += asset->packed->size();
        // A compiler need not take a longer literal (ISO C++, [implimits]).
        EXPECT_LT(asset->content->size(), 60'000U) << name;
        EXPECT_EQ(asset->content->find("http"), asset->content->find("http://www.w3.org")) << name;
    }
    EXPECT_LT(packed, 60'000U);
    EXPECT_EQ(find_asset("other"), nullptr);
}

}  // namespace
}  // namespace runs_agent::admin::page
