#include "agent/action/operations.hpp"

#include "agent/action/judge.hpp"
#include "agent/action/record_key.hpp"
#include "runs_api/machines.hpp"

#include <algorithm>

namespace runs_agent::agent::action {

namespace asio = boost::asio;
using runs_api::Answer;

namespace {

asio::awaitable<Result<Answer>> cancel_github(const Request& request, Services services) {
    runs_api::CancelGithubCi body;
    body.github_run_id = request.attempt.github_run_id;
    body.github_run_attempt = request.attempt.number;
    body.project_id = request.project_id;
    body.ci_build_id = request.ci_build_id;
    const std::string what = "PUT /runs/cancel-ci/github";
    const Retrier::Ask ask = [&] { return services.api.cancel_github_ci(body); };
    Result<Answer> answer = co_await services.retrier.ask(ask, what);
    if (answer.has_error() || answer->status != 400) co_return std::move(answer);
    // Some services want the attempt as a string.
    body.encoding = runs_api::AttemptEncoding::string;
    co_return co_await services.retrier.ask(ask, what + ", with the attempt as a string");
}

asio::awaitable<Outcome> cancel(const Request& request, Services services) {
    if (request.route == Route::github_run) {
        const Result<Answer> answer = co_await cancel_github(request, services);
        co_return judge_cancel(request, answer);
    }
    const bool by_record_key = request.route == Route::record_key;
    const Retrier::Ask ask = [&] {
        return by_record_key ? cancel_with_record_key(services.http, services.clock, request)
                             : services.api.cancel_run(request.run_id);
    };
    const std::string what = by_record_key ? "POST /runs/cancel" : "PUT /runs/{runId}/cancel";
    const Result<Answer> answer = co_await services.retrier.ask(ask, what);
    co_return judge_cancel(request, answer);
}

runs_api::FindRun query_of(const Request& request) {
    runs_api::FindRun query;
    query.project_id = request.project_id;
    query.ci_build_id = request.ci_build_id;
    query.branch = request.branch;
    query.tags = request.tags;
    query.pw_last_run = request.command == Command::find && request.pw_last_run;
    return query;
}

asio::awaitable<Outcome> find(const Request& request, Services services) {
    const runs_api::FindRun query = query_of(request);
    const Retrier::Ask ask = [&] { return services.api.find_run(query); };
    const std::string what = "GET /runs/find";
    const Result<Answer> answer = co_await services.retrier.ask(ask, what);
    co_return judge_find(request, answer);
}

asio::awaitable<Result<Answer>> look_up(const Request& request, Services services) {
    const runs_api::FindRun query = query_of(request);
    const Retrier::Ask ask = [&] {
        return request.run_id.empty() ? services.api.find_run(query)
                                      : services.api.get_run(request.run_id);
    };
    const std::string what = request.run_id.empty() ? "GET /runs/find" : "GET /runs/{runId}";
    co_return co_await services.retrier.ask(ask, what);
}

asio::awaitable<Outcome> reset_machines(const Request& request, Services services,
                                        const std::string& run_id,
                                        const std::vector<std::string>& machines) {
    std::size_t done = 0;
    for (;;) {
        runs_api::ResetRun part;
        const std::size_t end = std::min(done + runs_api::machines_a_reset, machines.size());
        for (std::size_t i = done; i < end; ++i) part.machine_ids.push_back(machines[i]);
        const Retrier::Ask ask = [&] { return services.api.reset_run(run_id, part); };
        const std::string what = "PUT /runs/{runId}/reset";
        const Result<Answer> answer = co_await services.retrier.ask(ask, what);
        const bool good = answer.has_value() && answer->ok();
        if (!good || end == machines.size())
            co_return judge_reset(request, run_id, answer, done, machines.size());
        done = end;
    }
}

asio::awaitable<Outcome> reset(const Request& request, Services services) {
    std::string run_id = request.run_id;
    std::vector<std::string> machines = request.machine_ids;
    std::string status;  // as it was before
    if (run_id.empty() || machines.empty()) {
        const Result<Answer> answer = co_await look_up(request, services);
        if (auto ended = judge_lookup(request, answer)) co_return std::move(*ended);
        const runs_api::Run run = answer->data->run();
        run_id = run.run_id;
        if (machines.empty()) machines = runs_api::machines_to_reset(run);
        if (run.status) status = to_string(*run.status);
    }
    Outcome outcome;
    if (machines.empty()) {
        outcome.ending = Ending::nothing_to_reset;
        outcome.happened = "there was nothing to reset: no machine of run " + run_id +
                           " holds failed or unfinished specs";
        outcome.run_id = run_id;
        outcome.run_url = run_url(request, run_id);
        outcome.status = status;
        co_return outcome;
    }
    co_return co_await reset_machines(request, services, run_id, machines);
}

}  // namespace

asio::awaitable<Outcome> perform(Request request, Services services) {
    switch (request.command) {
        case Command::cancel:
            co_return co_await cancel(request, services);
        case Command::reset:
            co_return co_await reset(request, services);
        case Command::find:
            break;
    }
    co_return co_await find(request, services);
}

}  // namespace runs_agent::agent::action
