// SPDX-License-Identifier: MIT
#include "agent/action/doing/operations.hpp"

#include "agent/action/doing/find.hpp"
#include "agent/action/doing/record_key.hpp"
#include "agent/action/doing/reset.hpp"
#include "agent/action/doing/retrying.hpp"
#include "agent/action/doing/supersede.hpp"
#include "agent/action/told/combine_outcomes.hpp"
#include "agent/action/told/judge.hpp"

#include <boost/asio/awaitable.hpp>

namespace runs_agent::agent::action {

namespace asio = boost::asio;
using runs_api::Answer;

namespace {

asio::awaitable<Outcome> cancel_github(const Request& request, Services services) {
    runs_api::CancelGithubCi body;
    body.github_run_id = request.attempt.github_run_id;
    body.github_run_attempt = request.attempt.number;
    body.project_id = request.project_id;
    body.ci_build_id = request.ci_build_id;
    // As the official action sends it; the service's documents name a number.
    body.encoding = runs_api::AttemptEncoding::string;
    Result<Answer> answer = co_await services.api.cancel_github_ci(body);
    // Where the services that want a number say so is not known, and a step has one go at it: so
    // 422 counts, too (docs/runs-api.md).
    if (answer.has_value() && runs_api::may_dislike_form(answer->status, answer->error)) {
        services.say("PUT /runs/cancel-ci/github: " + std::to_string(answer->status) +
                     "; again with the attempt as a number");
        body.encoding = runs_api::AttemptEncoding::integer;
        answer = co_await services.api.cancel_github_ci(body);
    }
    co_return judge_cancel(request, answer);
}

asio::awaitable<Outcome> cancel_by_record_key(const Request& request, Services services) {
    const Retrier::Ask ask = [&] {
        return cancel_with_record_key(services.http, services.clock, request);
    };
    const Result<Answer> answer = co_await services.retrier.ask(ask, "POST /runs/cancel");
    co_return judge_cancel(request, answer);
}

using Operation = asio::awaitable<Outcome> (*)(const Request&, Services);

/// Once for each project that was named, or once where there is one or none.
asio::awaitable<Outcome> in_each_project(const Request& request, Services services,
                                         Operation operation) {
    if (request.project_ids.size() < 2) co_return co_await operation(request, services);
    std::vector<PartOutcome> parts;
    for (const std::string& project : request.project_ids) {
        Request one = request;
        one.project_id = project;
        // Not within the braces: g++ 12 destroys what was awaited there twice.
        Outcome outcome = co_await operation(one, services);
        parts.push_back({"project " + project, std::move(outcome)});
    }
    co_return combine_outcomes(parts);
}

asio::awaitable<Outcome> cancel(const Request& request, Services services) {
    switch (request.cancel_by) {
        case CancelBy::github_run:
            co_return co_await in_each_project(request, services, &cancel_github);
        case CancelBy::record_key:
            co_return co_await cancel_by_record_key(request, services);
        case CancelBy::run_id:
            break;
    }
    const Result<Answer> answer = co_await services.api.cancel_run(request.run_id);
    co_return judge_cancel(request, answer);
}

}  // namespace

asio::awaitable<Outcome> perform(Request request, Services services) {
    RetryingApi api(services.api, services.retrier);
    RetryingGitHub github(services.github, services.retrier);
    const Services careful{api,         github, services.http, services.clock, services.retrier,
                           services.say};
    switch (request.command) {
        case Command::cancel:
            co_return co_await cancel(request, careful);
        case Command::reset:
            if (!request.run_id.empty()) co_return co_await reset(request, careful);
            co_return co_await in_each_project(request, careful, &reset);
        case Command::supersede:
            co_return co_await supersede(request, careful);
        case Command::find:
            break;
    }
    co_return co_await find(request, careful);
}

}  // namespace runs_agent::agent::action
