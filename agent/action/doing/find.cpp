// SPDX-License-Identifier: MIT
#include "agent/action/doing/find.hpp"

#include "agent/action/doing/last_run.hpp"
#include "agent/action/told/judge.hpp"

#include <boost/asio/awaitable.hpp>

namespace runs_agent::agent::action {

namespace asio = boost::asio;
using runs_api::Answer;

namespace {

/// Each is a request, and a step has seconds: a run with more is not worth narrowing.
constexpr std::size_t max_open_specs = 50;

/// The failed tests of a run, or why they are not all known.
struct FailedTests {
    std::string last_run;  // JSON
    std::size_t count = 0;
    std::string unknown;
};

asio::awaitable<std::string> complete_by_specs(const RunResults& run, LastRun& last_run,
                                               Services services) {
    if (run.open.size() > max_open_specs)
        co_return "its pwLastRun names fewer tests than failed or were skipped, in " +
            std::to_string(run.open.size()) + " specs, which are too many to be looked at";
    for (const OpenSpec& spec : run.open) {
        const Result<Answer> answer = co_await services.api.get_instance(spec.instance_id);
        if (answer.has_error())
            co_return "spec " + spec.spec + " could not be looked at: " + answer.error().message;
        if (!answer->ok() || !answer->data)
            co_return "spec " + spec.spec + " could not be looked at: the service answered " +
                std::to_string(answer->status);
        std::string wrong = add_tests_of(spec, answer->data->to_json(false), last_run);
        if (!wrong.empty()) co_return wrong;
    }
    co_return std::string();
}

asio::awaitable<FailedTests> failed_tests(const RunResults& run, std::string pw_last_run,
                                          Services services) {
    FailedTests failed;
    auto last_run = read_last_run(pw_last_run);
    failed.unknown = why_useless(last_run, run);
    if (!failed.unknown.empty()) co_return failed;
    failed.last_run = std::move(pw_last_run);
    if (!accounts_for(*last_run, run)) {
        failed.unknown = co_await complete_by_specs(run, *last_run, services);
        failed.last_run = to_json(*last_run);
    }
    failed.count = last_run->failed_tests.size();
    co_return failed;
}

/// As the official action: only a re-run is narrowed to what failed.
void narrow(const Request& request, const RunResults& run, const FailedTests& failed,
            Outcome& outcome) {
    if (!failed.unknown.empty()) {
        outcome.reason = failed.unknown;
        outcome.happened += "; all tests are to be run, and no file was written: " + failed.unknown;
        return;
    }
    outcome.last_run = failed.last_run;
    outcome.happened += "; failed tests: " + std::to_string(run.failures);
    if (run.skipped > 0)
        outcome.happened +=
            ", and " + std::to_string(run.skipped) + " that did not run because of them";
    if (failed.count == 0)
        outcome.reason = "nothing failed";
    else if (request.attempt.number == 1)
        outcome.reason = "this is no re-run";
    else
        outcome.extra_pw_flags = "--last-failed";
}

}  // namespace

asio::awaitable<Outcome> find(const Request& request, Services services) {
    if (asks_nothing(request)) co_return no_earlier_attempt();
    runs_api::FindRun query;
    query.project_id = request.project_id;
    query.ci_build_id = request.ci_build_id;
    query.branch = request.branch;
    query.tags = request.tags;
    query.pw_last_run = request.pw_last_run;
    const Result<Answer> answer = co_await services.api.find_run(std::move(query));
    if (auto ended = judge_search(request, answer)) co_return std::move(*ended);

    const RunResults run = read_run_results(answer->data->to_json(false));
    Outcome outcome = found_run(request, *answer->data, run.status);
    if (!request.pw_last_run) {
        outcome.reason = "pw-last-run is false";
        co_return outcome;
    }
    std::string last_run = answer->data->member_to_json("pwLastRun", true);
    if (last_run.empty() || last_run == "null") {
        outcome.level = Level::warning;
        outcome.reason = "it holds no pwLastRun, which only runs of Playwright have";
        outcome.happened += "; " + outcome.reason + ", so no file was written";
        co_return outcome;
    }
    const FailedTests failed = co_await failed_tests(run, std::move(last_run), services);
    narrow(request, run, failed, outcome);
    co_return outcome;
}

Outcome no_earlier_attempt() {
    Outcome outcome;
    outcome.ending = Ending::nothing_found;
    outcome.reason = "this is the first attempt";
    outcome.happened =
        "there was nothing to find: this is the first attempt, and what is looked for is what the "
        "attempt before left; use branch, tag or ci-build-id to find another run";
    return outcome;
}

}  // namespace runs_agent::agent::action
