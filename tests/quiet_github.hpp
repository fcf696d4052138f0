// SPDX-License-Identifier: MIT
// A GitHub that holds one workflow run and says what the test wants; everything else it refuses.
#pragma once

#include "github/github.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

namespace runs_agent::tests {

class QuietGitHub final : public github::GitHub {
public:
    template <class Value>
    using Answered = boost::asio::awaitable<Result<github::Answer<Value>>>;

    github::Answer<github::WorkflowRun> run;  // what a look at the run is answered
    github::Answer<github::NoValue> cancelled{202, "", github::NoValue(), {}};
    std::vector<std::string> asked;  // "cancel octo/demo 1001"

    void hold(std::string status, int attempt = 1) {
        github::WorkflowRun held;
        held.status = std::move(status);
        held.attempt = attempt;
        run = {200, "", held, {}};
    }

    const std::string& host() const override { return host_; }

    Answered<github::NoValue> cancel_workflow_run(std::string repository,
                                                  std::int64_t run_id) override {
        note("cancel", repository, run_id);
        co_return cancelled;
    }
    Answered<github::NoValue> force_cancel_workflow_run(std::string repository,
                                                        std::int64_t run_id) override {
        note("force-cancel", repository, run_id);
        co_return cancelled;
    }
    Answered<github::WorkflowRun> get_workflow_run(std::string repository,
                                                   std::int64_t run_id) override {
        note("get", repository, run_id);
        if (run.status == 0) co_return fail(Errc::refused, "there is no token");
        co_return run;
    }
    Answered<github::WorkflowRun> get_workflow_run_attempt(std::string, std::int64_t,
                                                           int) override {
        co_return fail(Errc::refused, "there is no token");
    }
    Answered<github::WorkflowRuns> list_workflow_runs(github::ListWorkflowRuns) override {
        co_return fail(Errc::refused, "there is no token");
    }
    Answered<github::Repository> get_repository(std::string) override {
        co_return fail(Errc::refused, "there is no token");
    }
    Answered<github::Workflow> get_workflow(std::string, std::int64_t) override {
        co_return fail(Errc::refused, "there is no token");
    }
    Answered<github::DeliveryLog> list_deliveries(github::Hook, std::string) override {
        co_return fail(Errc::refused, "there is no token");
    }
    Answered<github::LoggedPayload> get_delivery(github::Hook, std::int64_t) override {
        co_return fail(Errc::refused, "there is no token");
    }

private:
    void note(const char* what, const std::string& repository, std::int64_t run_id) {
        asked.push_back(std::string(what) + " " + repository + " " + std::to_string(run_id));
    }

    std::string host_ = "github.com";
};

}  // namespace runs_agent::tests
