// `command: supersede` against a GitHub and a Runs API that hold what the test says.
#include "agent/action/supersede.hpp"

#include "github/client.hpp"
#include "github/credentials.hpp"
#include "tests/action/step.hpp"
#include "tests/github/fake_github.hpp"
#include "tests/github/fake_routes.hpp"
#include "tests/run_awaitable.hpp"

#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <set>

namespace runs_agent::agent::action {
namespace {

using namespace std::chrono_literals;
using tests::answer;
using tests::FakeRun;
using Names = std::vector<std::string>;

/// Of `target`, what comes after the host.
std::string origin_form(const std::string& target) {
    return target.substr(target.find('/', target.find("//") + 2));
}

class SupersedeTest : public testing::Test {
protected:
    SupersedeTest() {
        routes_.access.tokens["good"] = {};
        tests::FakeRepository& repository = routes_.repositories["octo/shop"];
        repository.full_name = "octo/shop";
        step_.github = &github_;
        request_.command = Command::supersede;
        request_.api_key = "sk-4711";
        request_.repository = "octo/shop";
        request_.project_ids = {"p1"};
        request_.project_id = "p1";
        request_.attempt = {"1001", 1};
        request_.github_run_id = 1001;
        put(1001, 7);
    }

    /// A run of branch "feature", made a minute after the one with the number before.
    FakeRun& put(std::int64_t id, std::int64_t number, const std::string& state = "in_progress") {
        FakeRun run;
        run.id = id;
        run.number = number;
        run.branch = "feature";
        run.sha = "c0ffee" + std::to_string(id);
        run.created_at = step_.clock.now() + std::chrono::minutes(number);
        const bool goes_on = state == "in_progress" || state == "queued" || state == "waiting" ||
                             state == "pending" || state == "requested";
        run.status = goes_on ? state : "completed";
        if (!goes_on) run.conclusion = state;
        auto& attempts = routes_.repositories["octo/shop"].runs[id];
        attempts = {run};
        return attempts.back();
    }

    /// The service's record of a GitHub run under the default build id.
    void record(std::int64_t id, const std::string& state = "IN_PROGRESS") {
        states_["octo/shop-" + std::to_string(id) + "-1"] = state;
        recorded_.insert(std::to_string(id));
    }

    net::HttpResponse answer_api(const net::HttpRequest& request) {
        const std::string path = origin_form(request.target);
        if (path.starts_with("/v1/runs/find")) {
            const auto query = net::query_of(path);
            const std::string build(net::find(query, "ciBuildId").value_or(""));
            const auto found = states_.find(build);
            if (found == states_.end()) return answer(404, R"({"error":"Run not found"})");
            return answer(200, R"({"data":{"runId":"of )" + build + R"(","completionState":")" +
                                   found->second + R"(","ciBuildId":")" + build + "\"}}");
        }
        if (path.starts_with("/v1/projects/p1/runs")) return answer(200, R"({"data":[]})");
        rapidjson::Document body;
        body.Parse(request.body.data(), request.body.size());
        const std::string id = body["githubRunId"].GetString();
        cancelled_.push_back(id + "/" + std::to_string(body["githubRunAttempt"].GetInt()));
        if (broken_.contains(id)) return answer(409, R"({"error":"no such thing"})");
        if (!recorded_.contains(id)) return answer(404, R"({"error":"Run not found"})");
        return answer(200, R"({"data":{"runId":"r)" + id + R"("}})");
    }

    Outcome supersede() { return step_.perform(request_); }

    /// What GitHub was asked, "GET /repos/octo/shop".
    Names asked() const {
        Names lines;
        for (const auto& request : github_http_.requests)
            lines.push_back(request.method + " " + origin_form(request.target));
        return lines;
    }

    std::map<std::string, std::string> states_;  // by build id
    std::set<std::string> recorded_;             // GitHub run ids
    std::set<std::string> broken_;               // those that the service stumbles over
    Names cancelled_;                            // what it was asked to cancel
    Step step_{[this](const net::HttpRequest& request) { return answer_api(request); }};
    tests::FakeRoutes routes_{step_.clock};
    tests::ScriptedTransport github_http_{[this](net::HttpRequest request) {
        request.target = origin_form(request.target);
        return routes_.answer(request);
    }};
    github::TokenCredentials credentials_{[] { return Result<std::string>("good"); }};
    github::GitHubClient github_{github_http_, step_.clock, "http://github.test", credentials_};
    Request request_;
};

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

TEST_F(SupersedeTest, CancelsTheWorkflowsWhereAsked) {
    put(900, 5);
    put(901, 6, "cancelled");
    record(900);
    request_.cancel_workflow = true;
    const Outcome outcome = supersede();
    EXPECT_EQ(routes_.repositories["octo/shop"].runs[900].back().conclusion, "cancelled");
    EXPECT_EQ(outcome.rows[1].happened, "cancelled run r900; GitHub cancels workflow run 900");
    EXPECT_EQ(outcome.run_id, "r900");
    int cancels = 0;
    for (const std::string& line : asked()) cancels += line.starts_with("POST") ? 1 : 0;
    EXPECT_EQ(cancels, 1);  // what has ended is not asked for
}

TEST_F(SupersedeTest, GitHubsConflictIsNoFailure) {
    put(900, 5);
    record(900);
    request_.cancel_workflow = true;
    tests::ScriptedTransport conflict([this](net::HttpRequest request) {
        if (request.method == "POST") return answer(409, R"({"message":"Cannot cancel"})");
        request.target = origin_form(request.target);
        return routes_.answer(request);
    });
    github::GitHubClient client(conflict, step_.clock, "http://github.test", credentials_);
    step_.github = &client;
    const Outcome outcome = supersede();
    EXPECT_EQ(outcome.ending, Ending::cancelled);
    EXPECT_FALSE(outcome.failure.has_value());
}

TEST_F(SupersedeTest, ATokenThatMayNotCancelFailsTheStepButStopsNothing) {
    routes_.access.tokens["good"].actions = false;
    put(900, 5);
    put(901, 6);
    record(900);
    record(901);
    request_.cancel_workflow = true;
    const Outcome outcome = supersede();
    EXPECT_EQ(outcome.failure, Errc::refused);
    EXPECT_EQ(outcome.level, Level::error);
    EXPECT_EQ(cancelled_, (Names{"901/1", "900/1"}));
    EXPECT_NE(outcome.happened.find("actions: write"), std::string::npos) << outcome.happened;
    EXPECT_EQ(outcome.run_id, "r901,r900");
}

TEST_F(SupersedeTest, WhatGoesWrongWithOneOlderRunDoesNotStopTheOthers) {
    put(900, 5, "cancelled");
    put(901, 6, "cancelled");
    record(900);
    broken_ = {"901"};
    const Outcome outcome = supersede();
    EXPECT_EQ(outcome.ending, Ending::failed);
    EXPECT_EQ(outcome.failure, Errc::refused);
    EXPECT_EQ(outcome.run_id, "r900");
    EXPECT_NE(outcome.rows[0].happened.find("409 no such thing"), std::string::npos);
    EXPECT_EQ(outcome.rows[1].happened, "cancelled run r900");
}

TEST_F(SupersedeTest, SaysWhatGitHubsTokenLacks) {
    put(900, 5, "cancelled");
    routes_.access.tokens["good"].sees_actions = false;
    const Outcome forbidden = supersede();
    EXPECT_EQ(forbidden.failure, Errc::refused);
    EXPECT_NE(forbidden.happened.find("403"), std::string::npos);
    EXPECT_NE(forbidden.happened.find("actions: read"), std::string::npos) << forbidden.happened;
    routes_.access.tokens["good"] = {};
    routes_.access.tokens["good"].repositories = {"octo/other"};
    EXPECT_NE(supersede().happened.find("actions: read"), std::string::npos);
    routes_.access.tokens.clear();
    EXPECT_NE(supersede().happened.find("check github-token"), std::string::npos);
    EXPECT_TRUE(step_.transport.requests.empty());
}

TEST_F(SupersedeTest, AsksAProjectEach) {
    put(900, 5, "cancelled");
    record(900);
    request_.project_ids = {"p1", "p2"};
    request_.project_id.clear();
    const Outcome outcome = supersede();
    EXPECT_EQ(cancelled_, (Names{"900/1", "900/1"}));
    EXPECT_NE(outcome.happened.find("project p2: cancelled run r900"), std::string::npos);
    EXPECT_EQ(outcome.run_id, "r900");
}

TEST_F(SupersedeTest, ReadsThreePagesAndCancelsFiftyRunsAtMost) {
    put(100'000, 5'000);
    request_.attempt = {"100000", 1};
    request_.github_run_id = 100'000;
    for (std::int64_t i = 1; i <= 400; ++i) {
        FakeRun& run = put(2'000 + i, i, "cancelled");
        run.created_at = step_.clock.now() + std::chrono::minutes(4'000) + std::chrono::seconds(i);
        recorded_.insert(std::to_string(run.id));
    }
    const Outcome outcome = supersede();
    EXPECT_EQ(asked().size(), 5U);
    EXPECT_EQ(cancelled_.size(), 50U);
    EXPECT_EQ(cancelled_.front(), "2400/1");
    EXPECT_NE(outcome.happened.find("249 older runs were not looked at"), std::string::npos);
}

TEST_F(SupersedeTest, TriesAgainWithinTheStepsTime) {
    put(900, 5, "cancelled");
    record(900);
    int asked = 0;
    tests::ScriptedTransport shaky([&](net::HttpRequest request) {
        if (++asked == 1) return answer(502, R"({"message":"Server Error"})");
        if (asked == 2) {
            auto limited = answer(403, R"({"message":"You have exceeded a secondary rate limit"})");
            limited.headers.add("Retry-After", "2");
            return limited;
        }
        request.target = origin_form(request.target);
        return routes_.answer(request);
    });
    github::GitHubClient client(shaky, step_.clock, "http://github.test", credentials_);
    step_.github = &client;
    EXPECT_EQ(supersede().run_id, "r900");

    tests::ScriptedTransport down([](const auto&) { return answer(503, R"({"message":"down"})"); });
    github::GitHubClient broken(down, step_.clock, "http://github.test", credentials_);
    step_.github = &broken;
    const Time began = step_.clock.now();
    EXPECT_TRUE(supersede().failure.has_value());
    EXPECT_LE(step_.clock.now() - began, 25s);
}

TEST_F(SupersedeTest, AServiceThatIsDownEndsTheStepInTime) {
    for (std::int64_t i = 1; i <= 6; ++i) put(900 + i, i, "cancelled");
    Step down([](const auto&) { return answer(503, R"({"error":"down"})"); });
    down.clock = step_.clock;
    github::GitHubClient client(github_http_, down.clock, "http://github.test", credentials_);
    down.github = &client;
    const Time began = down.clock.now();
    const Outcome outcome = down.perform(request_);
    EXPECT_TRUE(outcome.failure.has_value());
    EXPECT_EQ(outcome.rows.size(), 6U);
    EXPECT_LE(down.clock.now() - began, 25s);
}

TEST(Supersede, OverHttp) {
    boost::asio::io_context context;
    tests::ManualClock clock;
    tests::FakeGitHub fake(context, clock);
    fake.access().tokens["good"] = {};
    fake.add_repository("octo/shop");
    for (std::int64_t i = 1; i <= 3; ++i) {
        FakeRun run;
        run.id = 1'000 + i;
        run.number = i;
        run.branch = "fix/a&b #1";
        run.sha = "c0ffee" + std::to_string(i);
        fake.put_run("octo/shop", run);
        clock.advance(1min);
    }
    net::HttpClient http(context.get_executor(), net::ClientOptions{});
    github::TokenCredentials credentials([] { return Result<std::string>("good"); });
    github::GitHubClient github(http, clock, fake.api_url(), credentials);
    tests::ScriptedTransport service([](const net::HttpRequest& request) {
        if (request.method == "GET") return answer(404, R"({"error":"Run not found"})");
        return answer(200, R"({"data":{"runId":"4f2a"}})");
    });
    runs_api::RunsApiClient api(service, clock, "http://api.test/v1",
                                [] { return Result<std::string>("sk-4711"); });
    const auto say = [](const std::string&) {};
    Retrier retrier(clock, say);
    Request request;
    request.command = Command::supersede;
    request.api_url = "http://api.test/v1";
    request.repository = "octo/shop";
    request.project_ids = {"p1"};
    request.project_id = "p1";
    request.attempt = {"1003", 1};
    request.github_run_id = 1003;
    request.cancel_workflow = true;
    const Services services{api, github, service, clock, retrier, say};
    const Outcome outcome = tests::run(context, perform(request, services));
    EXPECT_EQ(outcome.ending, Ending::cancelled) << outcome.happened;
    EXPECT_EQ(outcome.rows.size(), 2U);
    EXPECT_EQ(fake.run("octo/shop", 1001).conclusion, "cancelled");
    EXPECT_EQ(fake.run("octo/shop", 1002).conclusion, "cancelled");
    EXPECT_EQ(fake.run("octo/shop", 1003).status, "in_progress");
}

}  // namespace
}  // namespace runs_agent::agent::action
