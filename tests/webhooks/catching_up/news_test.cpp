// SPDX-License-Identifier: MIT
#include "webhooks/catching_up/news.hpp"

#include <gtest/gtest.h>

namespace runs_agent::webhooks {
namespace {

using namespace std::chrono_literals;

const Time now(std::chrono::hours(490'000));

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

}  // namespace
}  // namespace runs_agent::webhooks
