// SPDX-License-Identifier: MIT
#include "agent/action/doing/reset.hpp"

#include "agent/action/doing/github_facts.hpp"
#include "agent/action/doing/run_results.hpp"
#include "agent/action/told/judge.hpp"
#include "execute/find_recorded.hpp"
#include "runs_api/machines.hpp"

#include <boost/asio/awaitable.hpp>

namespace runs_agent::agent::action {

namespace asio = boost::asio;
using runs_api::Answer;

namespace {

/// What was claimed since then belongs to a job that is at work. Only GitHub tells; a first attempt
/// has nothing before it.
asio::awaitable<std::optional<Time>> start_of_attempt(const Request& request, Services services) {
    if (request.github_token.empty() || request.attempt.number == 1) co_return std::nullopt;
    const auto answer =
        co_await services.github.get_workflow_run(request.repository, request.github_run_id);
    const auto run = own_facts(request, services.github.host(), answer);
    if (run.has_value() && run->attempt == request.attempt.number && run->started_at != Time())
        co_return run->started_at;
    services.say(
        "GitHub does not tell when this attempt started, so machines of it that are at "
        "work already cannot be left alone" +
        (run.has_error() ? " (" + run.error().message + ")" : ""));
    co_return std::nullopt;
}

/// `machines`: one or more.
asio::awaitable<Outcome> reset_machines(const Request& request, Services services,
                                        const std::string& run_id,
                                        const std::vector<std::string>& machines) {
    std::vector<runs_api::ResetRun> parts = runs_api::in_reset_parts(machines);
    std::size_t done = 0;
    for (std::size_t at = 0;; ++at) {
        const std::size_t size = parts.at(at).machine_ids.size();
        const Result<Answer> answer = co_await services.api.reset_run(run_id, std::move(parts[at]));
        const bool good = answer.has_value() && answer->ok();
        if (!good || at + 1 == parts.size())
            co_return judge_reset(request, run_id, answer, done, machines.size());
        done += size;
    }
}

asio::awaitable<Outcome> reset_those_that_need_it(const Request& request, Services services,
                                                  const std::string& run_id) {
    const Result<Answer> answer = co_await services.api.get_run(run_id);
    if (auto ended = judge_lookup(request, answer)) co_return std::move(*ended);
    runs_api::ResetScope scope;
    scope.claimed_before = co_await start_of_attempt(request, services);
    const runs_api::Run run = answer->data->run();
    const std::string status = read_run_results(answer->data->to_json(false)).status;
    if (status == to_string(runs_api::CompletionState::canceled))
        co_return nothing_to_reset(request, std::string(run.run_id), status,
                                   "it is cancelled, which cannot be undone; record a new one");
    const auto machines = runs_api::machines_to_reset(run, scope);
    if (machines.empty())
        co_return nothing_to_reset(request, std::string(run.run_id), status,
                                   "no machine holds failed or unfinished specs");
    co_return co_await reset_machines(request, services, run_id, machines);
}

}  // namespace

asio::awaitable<Outcome> reset(const Request& request, Services services) {
    std::string run_id = request.run_id;
    if (run_id.empty()) {
        execute::Lookup found = co_await execute::find_recorded_run(
            services.api, request.project_id, request.ci_build_id);
        if (found.run_id.empty()) co_return judge_no_run(request, found.reply);
        run_id = std::move(found.run_id);
    }
    if (request.machine_ids.empty())
        co_return co_await reset_those_that_need_it(request, services, run_id);
    co_return co_await reset_machines(request, services, run_id, request.machine_ids);
}

}  // namespace runs_agent::agent::action
