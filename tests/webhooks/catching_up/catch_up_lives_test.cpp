// SPDX-License-Identifier: MIT
// Catching up with attempts that went on after an end.
#include "tests/webhooks/catching_up/catch_up_fixture.hpp"

namespace runs_agent::webhooks {
namespace {

class CatchUpLivesTest : public CatchUpTest {
protected:
    /// What GitHub shows of run 5 now, with GitHub's times.
    void show(const std::string& status, const std::string& conclusion, Time started, Time updated,
              const std::string& title = "") {
        github_.runs.clear();
        github::WorkflowRun run;
        run.id = 5;
        run.workflow_id = 77;
        run.status = status;
        run.conclusion = conclusion;
        run.created_at = begin_;
        run.started_at = started;
        run.updated_at = updated;
        run.names_workflow = title.empty();
        run.json = R"({"id":5,"run_attempt":1,"status":")" + status + R"(","conclusion":)" +
                   (conclusion.empty() ? "null" : "\"" + conclusion + "\"") + R"(,"name":")" +
                   title + R"(","display_title":")" + title + R"(","created_at":")" +
                   to_iso8601(begin_) + R"(","run_started_at":")" + to_iso8601(started) +
                   R"(","updated_at":")" + to_iso8601(updated) + "\"}";
        github_.runs.push_back(run);
    }
    decide::KnownAttempt known() {
        return tests::run(store_->heard_attempts("github.com", {5}))->at(0).known;
    }

    const Time begin_ = clock_.now();
};

TEST_F(CatchUpLivesTest, TheTrueEndOfARunThatWaitedForApprovalIsFetched) {
    forbid_the_log();
    receive("a", 1);
    show("completed", "action_required", begin_, begin_);
    EXPECT_EQ(look().accepted, 1);
    EXPECT_FALSE(known().completed());
    clock_.advance(5min);
    EXPECT_EQ(look().accepted, 0) << "it waits still";
    show("completed", "cancelled", begin_, clock_.now());
    clock_.advance(5min);
    EXPECT_EQ(look().accepted, 1);
    EXPECT_TRUE(known().completed());
    EXPECT_EQ(known().conclusion, "cancelled");
}

TEST_F(CatchUpLivesTest, ARunThatIsRunAgainUnderItsNumberIsToldOfAgain) {
    forbid_the_log();
    receive("a", 1);
    show("completed", "failure", begin_, begin_ + 2min);
    EXPECT_EQ(look().accepted, 1);
    clock_.advance(1h);
    show("completed", "failure", begin_, begin_ + 50min);  // its logs were deleted
    EXPECT_EQ(look().accepted, 0);
    show("in_progress", "", begin_ + 55min, begin_ + 56min);
    EXPECT_EQ(look().accepted, 1);
    EXPECT_FALSE(known().completed());
    show("completed", "cancelled", begin_ + 55min, begin_ + 58min);
    EXPECT_EQ(look().accepted, 1);
    EXPECT_EQ(known().went_on_after(), begin_ + 55min - 1ms);
    EXPECT_EQ(known().conclusion, "cancelled");
    EXPECT_EQ(look().accepted, 0);
}

TEST_F(CatchUpLivesTest, TheWorkflowIsAskedForWhereARunsNameMayBeItsTitle) {
    forbid_the_log();
    receive("a", 1);
    show("completed", "cancelled", begin_, begin_ + 2min, "Deploy 7 by octocat");
    trouble({{"log", {403, {}}}, {"workflow", {502, {}}}});
    EXPECT_EQ(look().accepted, 0) << "without it another rule might fit";
    forbid_the_log();
    EXPECT_EQ(look().accepted, 1);
    EXPECT_EQ(github_.count("workflow 77"), 1);
    const auto rows = *tests::run(store_->list({}));
    EXPECT_EQ(rows.at(0).run->workflow_name, "e2e");
    // One that is gone has no name any more; a policy that asks for it leaves the run alone.
    show("in_progress", "", begin_ + 3min, begin_ + 4min, "Deploy 7 by octocat");
    trouble({{"log", {403, {}}}, {"workflow", {404, {}}}});
    EXPECT_EQ(look().accepted, 1);
    EXPECT_EQ(tests::run(store_->list({}))->at(0).run->workflow_name, "");
}

}  // namespace
}  // namespace runs_agent::webhooks
