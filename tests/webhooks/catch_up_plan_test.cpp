#include "webhooks/catch_up_plan.hpp"

#include "webhooks/incoming.hpp"

#include <gtest/gtest.h>

namespace runs_agent::webhooks {
namespace {

using namespace std::chrono_literals;

const Time now(std::chrono::hours(490'000));

github::LoggedDelivery entry(std::int64_t id, const std::string& guid, int status,
                             const std::string& event = "workflow_run",
                             const std::string& action = "completed", Time at = now) {
    return {id, guid, event, action, at, status};
}

std::vector<std::string> guids(const DeliveryGroups& groups) {
    std::vector<std::string> found;
    for (const MissedDelivery& one : groups.missed()) found.push_back(one.guid);
    return found;
}

TEST(CatchUpPlan, OneSuccessAmongRedeliveriesIsEnough) {
    DeliveryGroups groups(now - 1h);
    EXPECT_TRUE(groups.add({entry(9, "a", 502), entry(8, "b", 0), entry(7, "a", 202)}));
    EXPECT_TRUE(groups.add({entry(6, "b", 503), entry(5, "a", 0), entry(4, "c", 0)}));
    const auto missed = groups.missed();
    EXPECT_EQ(guids(groups), (std::vector<std::string>{"b", "c"}));
    EXPECT_EQ(missed[0].ids, (std::vector<std::int64_t>{8, 6}));
}

TEST(CatchUpPlan, OnlyWhatIsDecidedUponIsMissed) {
    DeliveryGroups groups(now - 1h);
    groups.add({entry(1, "push", 0, "push", ""), entry(2, "job", 0, "workflow_job", "queued"),
                entry(3, "end", 0, "workflow_job", "completed"), entry(4, "not plain\n", 0),
                entry(5, "begun", 0, "workflow_run", "in_progress")});
    EXPECT_EQ(guids(groups), (std::vector<std::string>{"begun", "end"}));
}

TEST(CatchUpPlan, ALogIsReadOnUntilAPageEndsTooEarly) {
    DeliveryGroups groups(now - 1h);
    EXPECT_TRUE(groups.add({}));
    EXPECT_FALSE(
        groups.add({entry(3, "a", 0), entry(2, "old", 0, "workflow_run", "completed", now - 2h)}));
    EXPECT_TRUE(groups.add({entry(2, "timeless", 0, "workflow_run", "completed", Time())}));
    EXPECT_FALSE(groups.add({entry(1, "older", 0, "workflow_run", "completed", now - 3h)}));
    EXPECT_EQ(guids(groups), (std::vector<std::string>{"a", "timeless"}));
}

TEST(CatchUpPlan, HowFarBackToLook) {
    EXPECT_EQ(oldest_delivery(std::nullopt, now), now - 72h);
    EXPECT_EQ(oldest_delivery(now - 1h, now), now - 70min);
    EXPECT_EQ(oldest_delivery(now - 200h, now), now - 72h);
    EXPECT_FALSE(is_past_the_log(std::nullopt, now));
    EXPECT_FALSE(is_past_the_log(now - 72h, now));
    EXPECT_TRUE(is_past_the_log(now - 73h, now));
    EXPECT_EQ(oldest_run(std::nullopt, now), now - 72h);
    // Noted by a clock that was ahead: it says nothing of what came since.
    EXPECT_EQ(oldest_delivery(now + 1ms, now), oldest_delivery(std::nullopt, now));
    EXPECT_EQ(oldest_delivery(now + 9'000h, now), oldest_delivery(std::nullopt, now));
    EXPECT_EQ(oldest_run(now + 9'000h, now), oldest_run(std::nullopt, now));
    EXPECT_FALSE(is_past_the_log(now + 9'000h, now));
    EXPECT_EQ(oldest_run(now - 24h, now), now - 96h);
    EXPECT_EQ(oldest_run(now - 2000h, now), now - 720h);
}

TEST(CatchUpPlan, AHooksLogIsAskedForByItsKind) {
    EXPECT_EQ(hook_of({"7", "repository", "octo/demo", now})->kind, github::HookOwner::repository);
    EXPECT_EQ(hook_of({"7", "organization", "octo", now})->owner, "octo");
    EXPECT_EQ(hook_of({"7", "integration", "", now})->kind, github::HookOwner::app);
    EXPECT_FALSE(hook_of({"7", "repository", "", now}));
    EXPECT_FALSE(hook_of({"7", "business", "octo", now}));
    EXPECT_FALSE(hook_of({"7", "", "octo/demo", now}));
}

store::HeardAttempt heard(std::int64_t run_id, int attempt, bool ended) {
    store::HeardAttempt made;
    made.run_id = run_id;
    made.known.attempt = attempt;
    made.known.alive = {now, now};
    if (!ended) return made;
    made.known.ended = {now, now + 10min};
    made.known.conclusion = "failure";
    return made;
}

TEST(CatchUpPlan, NewsIsWhatEventsDidNotTell) {
    github::WorkflowRun run;
    run.id = 5;
    run.attempt = 2;
    run.status = "in_progress";
    run.started_at = now;
    run.updated_at = now + 1min;
    EXPECT_TRUE(is_news(run, {}));
    EXPECT_TRUE(is_news(run, {heard(5, 1, true), heard(6, 2, true)}));
    EXPECT_FALSE(is_news(run, {heard(5, 2, false)}));
    EXPECT_FALSE(is_news(run, {heard(5, 2, true)}));
    run.status = "completed";
    run.conclusion = "failure";
    run.updated_at = now + 10min;
    EXPECT_TRUE(is_news(run, {heard(5, 2, false)}));
    EXPECT_FALSE(is_news(run, {heard(5, 2, true)}));
    // It is touched after its end, too: its logs are deleted.
    run.updated_at = now + 100min;
    EXPECT_FALSE(is_news(run, {heard(5, 2, true)}));
}

TEST(CatchUpPlan, AnEndThatWasNoneIsNews) {
    github::WorkflowRun run;
    run.id = 5;
    run.started_at = now;
    run.updated_at = now + 20min;
    run.status = "in_progress";
    EXPECT_TRUE(is_news(run, {heard(5, 1, true)})) << "it goes on";
    run.status = "completed";
    run.conclusion = "cancelled";
    run.started_at = now + 15min;
    EXPECT_TRUE(is_news(run, {heard(5, 1, true)})) << "it was run again under its number";
    run.conclusion = "action_required";
    run.started_at = now;
    run.updated_at = now;
    EXPECT_FALSE(is_news(run, {heard(5, 1, false)})) << "it waits for approval, as is known";
}

TEST(CatchUpPlan, OlderAttemptsAreAskedForUntilTheirEndWasHeardOf) {
    github::WorkflowRun run;
    run.id = 5;
    EXPECT_EQ(unheard_attempts(run, {}), std::vector<int>());
    run.attempt = 4;
    EXPECT_EQ(unheard_attempts(run, {}), (std::vector<int>{1, 2, 3}));
    EXPECT_EQ(unheard_attempts(run, {heard(5, 1, true), heard(5, 2, false), heard(6, 3, true),
                                     heard(5, 4, true)}),
              (std::vector<int>{2, 3}));
    run.attempt = 30;
    EXPECT_EQ(unheard_attempts(run, {}).front(), 20);
    EXPECT_EQ(unheard_attempts(run, {}).back(), 29);
}

TEST(CatchUpPlan, AMadeUpDeliverySaysWhatTheRunsStateIs) {
    github::WorkflowRun run;
    run.id = 5;
    run.attempt = 2;
    run.status = "completed";
    run.json = R"({"id":5,"run_attempt":2,"status":"completed","conclusion":"cancelled"})";
    github::Repository repository;
    repository.json = R"({"full_name":"octo/demo","default_branch":"main"})";
    const auto made = make_delivery(make_up(run, repository, "", "github.com"), now);
    ASSERT_TRUE(made.has_value());
    EXPECT_EQ(made->guid, "catch-up-5-2-completed");
    EXPECT_EQ(made->repository, "octo/demo");
    EXPECT_EQ(made->hook_id, "");
    ASSERT_TRUE(made->facts);
    const auto& facts = std::get<decide::WorkflowRun>(*made->facts);
    EXPECT_EQ(facts.action, "completed");
    EXPECT_EQ(facts.conclusion, "cancelled");
    EXPECT_EQ(facts.default_branch, "main");
    run.status = "in_progress";
    run.json = R"({"id":5,"name":"Deploy 7 by octocat","display_title":"Deploy 7 by octocat"})";
    const auto named =
        make_delivery(make_up(run, repository, R"({"name":"deploy"})", "github.com"), now);
    EXPECT_EQ(std::get<decide::WorkflowRun>(*named->facts).workflow_name, "deploy");
    EXPECT_EQ(guid_for(run), "catch-up-5-2-in_progress");
    run.status = "waiting";
    EXPECT_EQ(guid_for(run), "catch-up-5-2-requested");
    // Another life of it has other times.
    run.updated_at = Time(std::chrono::seconds(1'700'000'000));
    EXPECT_EQ(guid_for(run), "catch-up-5-2-requested-1700000000");
}

TEST(CatchUpPlan, WhatAnAnswerMeansForTheRound) {
    EXPECT_EQ(judge(200, false), Verdict::fine);
    EXPECT_EQ(judge(403, true), Verdict::limited);
    EXPECT_EQ(judge(403, false), Verdict::not_permitted);
    EXPECT_EQ(judge(401, false), Verdict::unauthorized);
    EXPECT_EQ(judge(404, false), Verdict::absent);
    EXPECT_EQ(judge(301, false), Verdict::useless);
    EXPECT_EQ(judge(502, false), Verdict::failed);
    EXPECT_EQ(judge(fail(Errc::refused, "")), Verdict::not_permitted);
    EXPECT_EQ(judge(fail(Errc::timeout, "")), Verdict::unreachable);
    EXPECT_EQ(judge(fail(Errc::bad_input, "")), Verdict::useless);
}

}  // namespace
}  // namespace runs_agent::webhooks
