// SPDX-License-Identifier: MIT
// The Runs API and GitHub, asked as a step asks them: what may come right is tried again within the
// step's time, and a request that hangs is left. What is built on the plain interfaces, the
// daemon's own code too, is careful with time this way and need not know of it.
#pragma once

#include "agent/action/doing/retry.hpp"
#include "base/awaitable.hpp"
#include "github/github.hpp"
#include "runs_api/runs_api.hpp"

namespace runs_agent::agent::action {

/// What it is made of must live as long.
class RetryingApi final : public runs_api::RunsApi {
public:
    using Asking = Awaitable<Result<runs_api::Answer>>;

    RetryingApi(runs_api::RunsApi& api, Retrier& retrier) : api_(api), retrier_(retrier) {}

    Asking get_run(std::string run_id) override;
    Asking get_instance(std::string instance_id) override;
    Asking find_run(runs_api::FindRun query) override;
    Asking cancel_run(std::string run_id) override;
    Asking cancel_github_ci(runs_api::CancelGithubCi request) override;
    Asking reset_run(std::string run_id, runs_api::ResetRun request) override;
    Asking delete_run(std::string run_id) override;
    Asking list_runs(runs_api::ListRuns query) override;
    Asking list_projects(runs_api::ListProjects query) override;

private:
    runs_api::RunsApi& api_;
    Retrier& retrier_;
};

/// Likewise. A limit of GitHub's, which it answers 403, too, is waited for where there is time.
class RetryingGitHub final : public github::GitHub {
public:
    template <class Value>
    using Asking = Awaitable<Result<github::Answer<Value>>>;

    RetryingGitHub(github::GitHub& github, Retrier& retrier) : github_(github), retrier_(retrier) {}

    const std::string& host() const override { return github_.host(); }

    Asking<github::NoValue> cancel_workflow_run(std::string repository,
                                                std::int64_t run_id) override;
    Asking<github::NoValue> force_cancel_workflow_run(std::string repository,
                                                      std::int64_t run_id) override;
    Asking<github::WorkflowRun> get_workflow_run(std::string repository,
                                                 std::int64_t run_id) override;
    Asking<github::WorkflowRun> get_workflow_run_attempt(std::string repository,
                                                         std::int64_t run_id, int attempt) override;
    Asking<github::WorkflowRuns> list_workflow_runs(github::ListWorkflowRuns query) override;
    Asking<github::Repository> get_repository(std::string repository) override;
    Asking<github::Workflow> get_workflow(std::string repository,
                                          std::int64_t workflow_id) override;
    Asking<github::DeliveryLog> list_deliveries(github::Hook hook, std::string cursor) override;
    Asking<github::LoggedPayload> get_delivery(github::Hook hook,
                                               std::int64_t delivery_id) override;

private:
    github::GitHub& github_;
    Retrier& retrier_;
};

}  // namespace runs_agent::agent::action
