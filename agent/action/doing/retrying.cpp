// SPDX-License-Identifier: MIT
#include "agent/action/doing/retrying.hpp"

#include <boost/asio/awaitable.hpp>

namespace runs_agent::agent::action {

namespace asio = boost::asio;
using runs_api::Answer;

asio::awaitable<Result<Answer>> RetryingApi::get_run(std::string run_id) {
    const Retrier::Ask ask = [&] { return api_.get_run(run_id); };
    co_return co_await retrier_.ask(ask, "GET /runs/{runId}");
}

asio::awaitable<Result<Answer>> RetryingApi::get_instance(std::string instance_id) {
    const Retrier::Ask ask = [&] { return api_.get_instance(instance_id); };
    co_return co_await retrier_.ask(ask, "GET /instances/{instanceId}");
}

asio::awaitable<Result<Answer>> RetryingApi::find_run(runs_api::FindRun query) {
    const Retrier::Ask ask = [&] { return api_.find_run(query); };
    co_return co_await retrier_.ask(ask, "GET /runs/find");
}

asio::awaitable<Result<Answer>> RetryingApi::cancel_run(std::string run_id) {
    const Retrier::Ask ask = [&] { return api_.cancel_run(run_id); };
    co_return co_await retrier_.ask(ask, "PUT /runs/{runId}/cancel");
}

asio::awaitable<Result<Answer>> RetryingApi::cancel_github_ci(runs_api::CancelGithubCi request) {
    const Retrier::Ask ask = [&] { return api_.cancel_github_ci(request); };
    co_return co_await retrier_.ask(ask, "PUT /runs/cancel-ci/github");
}

asio::awaitable<Result<Answer>> RetryingApi::reset_run(std::string run_id,
                                                       runs_api::ResetRun request) {
    const Retrier::Ask ask = [&] { return api_.reset_run(run_id, request); };
    co_return co_await retrier_.ask(ask, "PUT /runs/{runId}/reset");
}

asio::awaitable<Result<Answer>> RetryingApi::delete_run(std::string run_id) {
    const Retrier::Ask ask = [&] { return api_.delete_run(run_id); };
    co_return co_await retrier_.ask(ask, "DELETE /runs/{runId}");
}

asio::awaitable<Result<Answer>> RetryingApi::list_runs(runs_api::ListRuns query) {
    const Retrier::Ask ask = [&] { return api_.list_runs(query); };
    co_return co_await retrier_.ask(ask, "GET /projects/{projectId}/runs");
}

asio::awaitable<Result<Answer>> RetryingApi::list_projects(runs_api::ListProjects query) {
    const Retrier::Ask ask = [&] { return api_.list_projects(query); };
    co_return co_await retrier_.ask(ask, "GET /projects");
}

namespace {

template <class Value>
using Asking = asio::awaitable<Result<github::Answer<Value>>>;

/// Keeps GitHub's answer, and returns what the retrier needs of it.
template <class Value>
asio::awaitable<Result<Answer>> keep(Asking<Value> asking,
                                     std::optional<Result<github::Answer<Value>>>& kept) {
    kept.emplace(co_await std::move(asking));
    const Result<github::Answer<Value>>& got = *kept;
    if (got.has_error()) co_return got.error();
    constexpr int forbidden = 403;
    constexpr int too_many = 429;
    Answer answer;
    answer.status = got->status == forbidden && got->retry_after ? too_many : got->status;
    answer.error = got->message;
    answer.retry_after = got->retry_after;
    co_return answer;
}

template <class Value>
Asking<Value> ask_github(Retrier& retrier, std::function<Asking<Value>()> make, std::string what) {
    std::optional<Result<github::Answer<Value>>> kept;
    const Retrier::Ask ask = [&] {
        kept.reset();  // of the try before
        return keep<Value>(make(), kept);
    };
    const Result<Answer> last = co_await retrier.ask(ask, std::move(what));
    // Only a try that was cut off leaves nothing.
    if (!kept) co_return last.error();
    co_return std::move(*kept);
}

}  // namespace

asio::awaitable<Result<github::Answer<github::NoValue>>> RetryingGitHub::cancel_workflow_run(
    std::string repository, std::int64_t run_id) {
    std::function<Asking<github::NoValue>()> make = [this, repository, run_id] {
        return github_.cancel_workflow_run(repository, run_id);
    };
    return ask_github(retrier_, std::move(make), "POST …/actions/runs/{id}/cancel");
}

asio::awaitable<Result<github::Answer<github::NoValue>>> RetryingGitHub::force_cancel_workflow_run(
    std::string repository, std::int64_t run_id) {
    std::function<Asking<github::NoValue>()> make = [this, repository, run_id] {
        return github_.force_cancel_workflow_run(repository, run_id);
    };
    return ask_github(retrier_, std::move(make), "POST …/actions/runs/{id}/force-cancel");
}

asio::awaitable<Result<github::Answer<github::WorkflowRun>>> RetryingGitHub::get_workflow_run(
    std::string repository, std::int64_t run_id) {
    std::function<Asking<github::WorkflowRun>()> make = [this, repository, run_id] {
        return github_.get_workflow_run(repository, run_id);
    };
    return ask_github(retrier_, std::move(make), "GET …/actions/runs/{id}");
}

asio::awaitable<Result<github::Answer<github::WorkflowRun>>>
RetryingGitHub::get_workflow_run_attempt(std::string repository, std::int64_t run_id, int attempt) {
    std::function<Asking<github::WorkflowRun>()> make = [this, repository, run_id, attempt] {
        return github_.get_workflow_run_attempt(repository, run_id, attempt);
    };
    return ask_github(retrier_, std::move(make), "GET …/actions/runs/{id}/attempts/{n}");
}

asio::awaitable<Result<github::Answer<github::WorkflowRuns>>> RetryingGitHub::list_workflow_runs(
    github::ListWorkflowRuns query) {
    std::function<Asking<github::WorkflowRuns>()> make = [this, query = std::move(query)] {
        return github_.list_workflow_runs(query);
    };
    return ask_github(retrier_, std::move(make), "GET …/actions/runs");
}

asio::awaitable<Result<github::Answer<github::Repository>>> RetryingGitHub::get_repository(
    std::string repository) {
    std::function<Asking<github::Repository>()> make = [this, repository = std::move(repository)] {
        return github_.get_repository(repository);
    };
    return ask_github(retrier_, std::move(make), "GET /repos/{owner}/{repo}");
}

asio::awaitable<Result<github::Answer<github::Workflow>>> RetryingGitHub::get_workflow(
    std::string repository, std::int64_t workflow_id) {
    std::function<Asking<github::Workflow>()> make = [this, repository = std::move(repository),
                                                      workflow_id] {
        return github_.get_workflow(repository, workflow_id);
    };
    return ask_github(retrier_, std::move(make), "GET …/actions/workflows/{id}");
}

asio::awaitable<Result<github::Answer<github::DeliveryLog>>> RetryingGitHub::list_deliveries(
    github::Hook hook, std::string cursor) {
    std::function<Asking<github::DeliveryLog>()> make = [this, hook = std::move(hook),
                                                         cursor = std::move(cursor)] {
        return github_.list_deliveries(hook, cursor);
    };
    return ask_github(retrier_, std::move(make), "GET …/deliveries");
}

asio::awaitable<Result<github::Answer<github::LoggedPayload>>> RetryingGitHub::get_delivery(
    github::Hook hook, std::int64_t delivery_id) {
    std::function<Asking<github::LoggedPayload>()> make = [this, hook = std::move(hook),
                                                           delivery_id] {
        return github_.get_delivery(hook, delivery_id);
    };
    return ask_github(retrier_, std::move(make), "GET …/deliveries/{id}");
}

}  // namespace runs_agent::agent::action
