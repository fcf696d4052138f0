// SPDX-License-Identifier: MIT
#include "tests/action/doing/supersede_fixture.hpp"

namespace runs_agent::agent::action {
namespace {

TEST_F(SupersedeTest, CancelsWhatOlderRunsInProgressRecorded) {
    for (const char* const state : {"in_progress", "queued", "waiting", "pending", "requested"}) {
        const auto number = static_cast<std::int64_t>(recorded_.size()) + 1;
        put(900 + number, number, state);
        record(900 + number);
    }
    const Outcome outcome = supersede();
    EXPECT_EQ(outcome.ending, Ending::cancelled);
    EXPECT_EQ(outcome.level, Level::notice);
    EXPECT_EQ(cancelled_, (Names{"905/1", "904/1", "903/1", "902/1", "901/1"}));
    EXPECT_EQ(outcome.run_id, "r905,r904,r903,r902,r901");
    EXPECT_EQ(outcome.status, "CANCELED");
    ASSERT_EQ(outcome.rows.size(), 5U);
    EXPECT_EQ(outcome.rows[0].asked, "attempt 1 of run 905 (number 5, requested)");
    EXPECT_EQ(outcome.rows[0].happened, "cancelled run r905");
    EXPECT_EQ(outcome.rows[0].run_url, "http://api.test/v1/runs/r905");
}

TEST_F(SupersedeTest, AsksGitHubNoMoreThanItMust) {
    put(900, 5);
    supersede();
    ASSERT_EQ(asked().size(), 3U);
    EXPECT_EQ(asked()[0], "GET /repos/octo/shop/actions/runs/1001");
    EXPECT_EQ(asked()[1], "GET /repos/octo/shop");
    EXPECT_TRUE(asked()[2].starts_with(
        "GET /repos/octo/shop/actions/workflows/5001/runs?per_page=100&created="))
        << asked()[2];
    EXPECT_TRUE(asked()[2].ends_with("&branch=feature&event=push")) << asked()[2];
}

TEST_F(SupersedeTest, AsksNothingWhereItsOwnEventSaysThatItSupersedesNothing) {
    put(900, 5);
    record(900);
    request_.supersedes_nothing = "it is by the push of a tag";
    const Outcome outcome = supersede();
    EXPECT_EQ(outcome.ending, Ending::nothing_to_cancel);
    EXPECT_FALSE(outcome.failure.has_value());
    EXPECT_EQ(outcome.happened, "there was nothing to supersede: it is by the push of a tag");
    EXPECT_TRUE(asked().empty());
    EXPECT_TRUE(step_.transport.requests.empty());
}

TEST_F(SupersedeTest, WhatConcurrencyHasCancelledIsCancelledOutright) {
    put(900, 5, "cancelled");
    put(901, 6, "success");
    record(900, "COMPLETE");  // GitHub's word counts, as for the daemon
    record(901);
    EXPECT_EQ(supersede().run_id, "r900");
    EXPECT_EQ(cancelled_, Names{"900/1"});
    EXPECT_EQ(step_.transport.requests.size(), 1U);
}

TEST_F(SupersedeTest, WhatTheServiceHasCompletedIsLeftAlone) {
    put(900, 5);
    record(900, "COMPLETE");
    const Outcome outcome = supersede();
    EXPECT_EQ(outcome.ending, Ending::nothing_to_cancel);
    EXPECT_EQ(cancelled_, Names());
    EXPECT_NE(outcome.happened.find("is COMPLETE"), std::string::npos) << outcome.happened;
    EXPECT_FALSE(outcome.failure.has_value());
}

TEST_F(SupersedeTest, ABuildIdIsMadeOfTheWorkflowsNameAndNotOfARunsTitle) {
    request_.workflow = "e2e";
    request_.ci_build_id = "${{ github.workflow }}-${{ github.run_id }}";
    put(900, 5).run_name = "Deploy 5 by octocat";
    put(1001, 7).run_name = "Deploy 7 by octocat";
    states_["e2e-900"] = "IN_PROGRESS";
    recorded_.insert("900");
    EXPECT_EQ(supersede().run_id, "r900");
    EXPECT_TRUE(step_.transport.requests[0].target.find("ciBuildId=e2e-900") != std::string::npos);
}

TEST_F(SupersedeTest, WhatIsKnownByNoBuildIdIsCancelledByGitHubsRunId) {
    put(900, 5);
    put(901, 6);
    recorded_.insert("900");
    const Outcome outcome = supersede();
    EXPECT_EQ(cancelled_, (Names{"901/1", "900/1"}));
    EXPECT_EQ(outcome.run_id, "r900");
    EXPECT_EQ(outcome.rows[0].happened, "nothing was recorded");
}

TEST_F(SupersedeTest, LooksRunsUpByTheBuildIdsThatGitHubRendered) {
    request_.ci_build_id = "e2e-1001-1";
    put(900, 5);
    states_["e2e-900-1"] = "COMPLETE";
    EXPECT_EQ(supersede().ending, Ending::nothing_to_cancel);
    EXPECT_EQ(cancelled_, Names());
}

TEST_F(SupersedeTest, NeitherItselfNorNewerNorOtherGroups) {
    const auto other = [this](std::int64_t id, auto change) {
        change(put(id, 6));
        record(id);
    };
    record(1001);
    put(1002, 8);
    record(1002);
    other(901, [](FakeRun& run) { run.branch = "other"; });
    other(902, [](FakeRun& run) { run.event = "pull_request"; });
    other(903, [](FakeRun& run) { run.head_repository = "fork/shop"; });
    other(904, [](FakeRun& run) { run.head_repository = "-"; });
    other(905, [](FakeRun& run) { run.workflow_id = 5'002; });
    other(906, [](FakeRun& run) { run.sha = "c0ffee1001"; });
    other(907, [](FakeRun& run) { run.created_at -= 25h; });
    const Outcome outcome = supersede();
    EXPECT_EQ(outcome.ending, Ending::nothing_to_cancel);
    EXPECT_EQ(outcome.level, Level::notice);
    EXPECT_EQ(cancelled_, Names());
}

TEST_F(SupersedeTest, ForksWithOneBranchNameAreApart) {
    const auto of = [this](std::int64_t id, std::int64_t number, const char* head) {
        FakeRun& run = put(id, number);
        run.event = "pull_request";
        run.head_repository = head;
        record(id);
    };
    of(1001, 7, "mona/shop");
    of(900, 5, "mona/shop");
    of(901, 6, "lisa/shop");
    supersede();
    EXPECT_EQ(cancelled_, Names{"900/1"});
    // A fork's branches are not the repository's: its default branch need not be asked for.
    EXPECT_EQ(asked().size(), 2U);
}

TEST_F(SupersedeTest, AReRunOfAnOlderRunCancelsNothingNewer) {
    put(1002, 8);
    record(1002);
    put(1003, 9, "cancelled");
    record(1003);
    FakeRun again = put(1001, 7, "failure");
    again.attempt = 2;
    again.status = "in_progress";
    again.conclusion = "";
    again.started_at = again.created_at + 1h;
    routes_.repositories["octo/shop"].runs[1001].push_back(again);
    request_.attempt.number = 2;
    EXPECT_EQ(supersede().ending, Ending::nothing_to_cancel);
    EXPECT_EQ(cancelled_, Names());
    // The first attempt's job, had it not ended: the second sees to it.
    request_.attempt.number = 1;
    EXPECT_NE(supersede().happened.find("this attempt is over"), std::string::npos);
}

TEST_F(SupersedeTest, AnOlderRunThatIsRunAgainLaterIsMeant) {
    FakeRun& again = put(900, 5);
    again.attempt = 2;
    again.started_at = step_.clock.now() + 8min;
    record(900);
    EXPECT_EQ(supersede().ending, Ending::nothing_to_cancel);
    again.started_at = step_.clock.now() + 6min;
    recorded_.insert("900");
    supersede();
    EXPECT_EQ(cancelled_, Names{"900/2"});
}

TEST_F(SupersedeTest, TheDefaultBranchIsLeftAloneUnlessIncluded) {
    put(1001, 7).branch = "main";
    put(900, 5).branch = "main";
    record(900);
    const Outcome outcome = supersede();
    EXPECT_EQ(outcome.ending, Ending::nothing_to_cancel);
    EXPECT_NE(outcome.happened.find("default branch"), std::string::npos) << outcome.happened;
    EXPECT_EQ(asked().size(), 2U);  // and nothing was listed
    request_.include = {"ma*"};
    EXPECT_EQ(supersede().run_id, "r900");
}

}  // namespace
}  // namespace runs_agent::agent::action
