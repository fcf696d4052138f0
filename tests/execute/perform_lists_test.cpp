// SPDX-License-Identifier: MIT
// Lists of several pages: what is on none of the pages that were read may exist all the same.
#include "tests/execute/perform_fixture.hpp"

namespace runs_agent::execute {
namespace {

std::string cursor_in(const std::string& target) {
    const auto at = target.find("starting_after=");
    return at == std::string::npos ? "" : target.substr(at + 15);
}

/// Projects p0, p1, …, ten at a time; each list of runs in progress in pages of one.
class PerformListsTest : public PerformFixture {
protected:
    Result<net::HttpResponse> serve(const net::HttpRequest& request) override {
        const std::string& target = request.target;
        if (request.method == "PUT") return answer(200, R"({"data":{"runId":"4f2a"}})");
        if (holds(target, "/runs/find")) {
            const bool there =
                !holder_.empty() && target.find("projectId=" + holder_ + "&") != std::string::npos;
            return there ? answer(200, run_) : answer(404, R"({"error":"Run not found"})");
        }
        if (holds(target, "/v1/runs/4f2a")) return answer(200, run_);
        if (holds(target, "/runs?")) return runs(cursor_in(target));
        return projects(cursor_in(target));
    }

    net::HttpResponse projects(const std::string& cursor) {
        ++pages_;
        if (pages_ == breaks_at_) return answer(breaks_with_, R"({"error":"down"})");
        const int from = cursor.empty() || stuck_ ? 0 : std::stoi(cursor.substr(1)) + 1;
        const int end = std::min(projects_, from + 10);
        std::string items;
        for (int i = from; i < end; ++i) {
            const std::string id = "p" + std::to_string(i);
            items.append(items.empty() ? "" : ",").append(R"({"projectId":")").append(id);
            items.append(R"(","cursor":")").append(id).append("\"}");
        }
        return answer(200, R"({"status":"OK","has_more":)" +
                               std::string(end < projects_ || stuck_ ? "true" : "false") +
                               R"(,"data":[)" + items + "]}");
    }

    net::HttpResponse runs(const std::string& cursor) {
        ++run_pages_;
        if (run_pages_ == breaks_at_) return answer(breaks_with_, R"({"error":"down"})");
        const int at = cursor.empty() || stuck_ ? 0 : std::stoi(cursor) + 1;
        return answer(200,
                      R"({"has_more":)" + std::string(at + 1 < running_ ? "true" : "false") +
                          R"(,"data":[{"runId":"r","completionState":"IN_PROGRESS","cursor":")" +
                          std::to_string(at) + R"(","meta":{"ciBuildId":"other"}}]})");
    }

    int projects_ = 1;
    int running_ = 1;
    int pages_ = 0;
    int run_pages_ = 0;
    int breaks_at_ = 0;  // which page
    int breaks_with_ = 503;
    bool stuck_ = false;
    std::string holder_;  // the project that holds the run
    std::string run_ =
        R"({"data":{"runId":"4f2a","completionState":"IN_PROGRESS","specs":[{"spec":"a",)"
        R"("machineId":"m1","claimedAt":"2026-01-01T11:00:00Z","completedAt":null}]}})";
};

TEST_F(PerformListsTest, EveryRuleFindsTheRunOfTheEleventhProject) {
    projects_ = 35;
    for (const char* const holder : {"p10", "p34"}) {
        holder_ = holder;
        for (const auto& [operation, rule, sent] :
             {std::tuple{Operation::cancel_ci, decide::Rule::rerun, "PUT /v1/runs/cancel-ci"},
              {Operation::cancel_ci, decide::Rule::superseded, "PUT /v1/runs/cancel-ci"},
              {Operation::cancel_run, decide::Rule::orphaned, "PUT /v1/runs/4f2a/cancel"},
              {Operation::reset_run, decide::Rule::rerun, "PUT /v1/runs/4f2a/reset"}}) {
            transport_.requests.clear();
            const Performed performed = perform(call_for(operation, rule, ""));
            ASSERT_EQ(asked("PUT").size(), 1U) << holder << performed.log;
            EXPECT_TRUE(asked("PUT")[0].starts_with(sent)) << asked("PUT")[0];
            EXPECT_EQ(after_.state, store::CallState::succeeded);
        }
    }
}

TEST_F(PerformListsTest, AListOfProjectsThatBreaksOffSaysNothingOfARun) {
    projects_ = 35;
    for (const int status : {503, 404, 401}) {
        pages_ = 0;
        breaks_at_ = 2;
        breaks_with_ = status;
        transport_.requests.clear();
        perform(call_for(Operation::cancel_run, decide::Rule::orphaned, ""));
        EXPECT_EQ(after_.state, status == 401 ? store::CallState::held : store::CallState::pending)
            << after_.outcome;
        EXPECT_FALSE(after_.was_not_found);
        EXPECT_EQ(asked("GET").size(), 2U) << "no project is looked through before";
    }
}

TEST_F(PerformListsTest, MoreProjectsThanAreReadAreToldOf) {
    projects_ = 1'020;
    perform(call_for(Operation::cancel_run, decide::Rule::orphaned, ""));
    EXPECT_EQ(pages_, 100);
    EXPECT_EQ(after_.state, store::CallState::dead);
    EXPECT_TRUE(holds(after_.outcome, "the first 1000 projects")) << after_.outcome;
    EXPECT_TRUE(holds(after_.outcome, "set project_id")) << after_.outcome;
}

TEST_F(PerformListsTest, AServiceThatDoesNotGoOnIsNotReadForEver) {
    projects_ = 10;
    stuck_ = true;
    perform(call_for(Operation::cancel_run, decide::Rule::orphaned, ""));
    EXPECT_EQ(pages_, 2);
    EXPECT_EQ(after_.state, store::CallState::dead);
    EXPECT_TRUE(holds(after_.outcome, "again and again")) << after_.outcome;
}

TEST_F(PerformListsTest, ARunBeyondWhatIsReadIsNotTakenForNotRecorded) {
    running_ = 60;  // pages
    for (const Operation operation :
         {Operation::cancel_ci, Operation::cancel_run, Operation::reset_run}) {
        run_pages_ = 0;
        perform(call_for(operation, decide::Rule::rerun));
        EXPECT_EQ(run_pages_, 50);
        EXPECT_EQ(after_.state, store::CallState::pending);
        EXPECT_FALSE(after_.was_not_found);
        EXPECT_TRUE(holds(after_.outcome, "newest 50 runs in progress of project p1"))
            << after_.outcome;
    }
}

TEST_F(PerformListsTest, AListOfRunsThatBreaksOffSaysNothingOfARun) {
    running_ = 5;
    for (const int status : {404, 500}) {
        run_pages_ = 0;
        breaks_at_ = 3;
        breaks_with_ = status;
        perform(call_for(Operation::cancel_run, decide::Rule::orphaned));
        EXPECT_EQ(after_.state, store::CallState::pending) << after_.outcome;
        EXPECT_FALSE(after_.was_not_found);
    }
    run_pages_ = 0;
    breaks_at_ = 1;
    breaks_with_ = 404;  // there is no such project
    perform(call_for(Operation::cancel_run, decide::Rule::orphaned));
    EXPECT_EQ(after_.state, store::CallState::succeeded);
    running_ = 5;
    breaks_at_ = 0;
    stuck_ = true;
    perform(call_for(Operation::cancel_run, decide::Rule::orphaned));
    EXPECT_EQ(after_.state, store::CallState::pending) << after_.outcome;
}

}  // namespace
}  // namespace runs_agent::execute
