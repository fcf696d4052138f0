// SPDX-License-Identifier: MIT
#include "agent/commands/runs_operations.hpp"

#include "agent/action/doing/last_run.hpp"
#include "agent/cli/output.hpp"
#include "agent/cli/private_process.hpp"
#include "agent/cli/report.hpp"
#include "agent/commands/runs_print.hpp"
#include "observe/clean_text.hpp"
#include "observe/printable.hpp"

#include <boost/asio/awaitable.hpp>

#include <fstream>
#include <functional>

namespace runs_agent::agent {

namespace asio = boost::asio;
using runs_api::Answer;
using runs_api::Document;
using runs_api::Meaning;

namespace {

/// What the service said no to, and what the user can do about it.
Error refusal(const Answer& answer) {
    const std::string said = "the service answered " + std::to_string(answer.status) +
                             (answer.error.empty() ? "" : ": " + answer.error);
    switch (answer.status) {
        case 401:
            return fail(Errc::refused, said +
                                           "; check CURRENTS_API_KEY, and that it belongs to "
                                           "the service of CURRENTS_API_URL");
        case 403:
            return fail(Errc::refused, said + "; use a key that may read and write");
        case 404:
            return fail(Errc::not_found,
                        said + "; a run is known once its first result was recorded");
        case 429:
            return fail(Errc::refused, said + "; try again in a while");
        default:
            return fail(Errc::refused, said);
    }
}

using Describe = std::function<std::string(const Document&)>;

/// Prints the data of a good answer, or reports why there is none.
int finish(const Result<Answer>& answer, const Printing& printing, const Describe& describe) {
    if (answer.has_error()) return report(answer.error());
    if (!answer->ok()) return report(refusal(*answer));
    if (!answer->data)
        return report(fail(Errc::network, "the service answered " + std::to_string(answer->status) +
                                              " without data; check CURRENTS_API_URL"));
    if (printing.json)
        standard_output().data(answer->data->to_json(true));
    else
        standard_output().text(describe(*answer->data));
    return Exit::done;
}

/// As finish(), but that the run has ended already is what was wanted.
int finish_cancelling(const Result<Answer>& answer, const Printing& printing) {
    if (answer.has_error() || answer->meaning() != Meaning::already_so)
        return finish(answer, printing, describe_cancelled);
    const bool cancelled = runs_api::says_cancelled(answer->error);
    if (printing.json)
        standard_output().data(cancelled ? "{\n  \"alreadyCanceled\": true\n}"
                                         : "{\n  \"alreadyComplete\": true\n}");
    else
        standard_output().text(cancelled ? "the run was cancelled already\n"
                                         : "there was nothing to cancel: the run is complete\n");
    return Exit::done;
}

/// Why the failed tests that Playwright is given are not all that a re-run must run; empty: they
/// are.
std::string what_is_missing(const Document& data, const std::string& pw_last_run) {
    const action::RunResults run = action::read_run_results(data.to_json(false));
    const auto last_run = action::read_last_run(pw_last_run);
    if (const std::string wrong = action::why_useless(last_run, run); !wrong.empty())
        return clean_text(wrong, "");
    if (action::accounts_for(*last_run, run)) return {};
    return std::to_string(run.failures + run.skipped) + " tests failed or were skipped, it names " +
           std::to_string(last_run->failed_tests.size());
}

int write_file(const std::string& path, const std::string& text) {
    const CallersUmask asked_for_by_name;
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << text << '\n';
    file.close();
    if (file) return Exit::done;
    return report(fail(Errc::io, "cannot write " + path +
                                     "; check that its folder is there and may be written to"));
}

}  // namespace

asio::awaitable<int> runs_get(runs_api::RunsApi& api, const std::string& run_id,
                              const Printing& printing) {
    const Result<Answer> answer = co_await api.get_run(run_id);
    co_return finish(answer, printing,
                     [](const Document& data) { return describe_run(data.run()); });
}

asio::awaitable<int> runs_find(runs_api::RunsApi& api, const runs_api::FindRun& query,
                               const Printing& printing) {
    const Result<Answer> answer = co_await api.find_run(query);
    const int code =
        finish(answer, printing, [](const Document& data) { return describe_run(data.run()); });
    if (code != Exit::done || printing.output.empty()) co_return code;
    if (!query.pw_last_run) co_return write_file(printing.output, answer->data->to_json(true));
    const std::string last_run = answer->data->member_to_json("pwLastRun", true);
    if (last_run.empty() || last_run == "null")
        co_return report(
            fail(Errc::not_found,
                 "the run holds no pwLastRun, which only Playwright runs have; nothing "
                 "was written"));
    const int written = write_file(printing.output, last_run);
    const std::string missing = what_is_missing(*answer->data, last_run);
    if (written == Exit::done && !missing.empty())
        print_message(
            printing.output +
            " may lack tests that did not pass, so do not run with --last-failed: " + missing);
    co_return written;
}

asio::awaitable<int> runs_list(runs_api::RunsApi& api, const runs_api::ListRuns& query,
                               const Printing& printing) {
    const Result<Answer> answer = co_await api.list_runs(query);
    co_return finish(answer, printing, [](const Document& data) {
        return describe_runs(data.runs(), data.has_more());
    });
}

asio::awaitable<int> runs_cancel(runs_api::RunsApi& api, const std::string& run_id,
                                 const Printing& printing) {
    const Result<Answer> answer = co_await api.cancel_run(run_id);
    co_return finish_cancelling(answer, printing);
}

asio::awaitable<int> runs_cancel_ci(runs_api::RunsApi& api, const runs_api::CancelGithubCi& request,
                                    const Printing& printing) {
    Result<Answer> answer = co_await api.cancel_github_ci(request);
    // Some services want the attempt as a string, and say so by 400 (docs/runs-api.md).
    if (answer.has_value() && runs_api::dislikes_form(answer->status)) {
        runs_api::CancelGithubCi again = request;
        again.encoding = runs_api::AttemptEncoding::string;
        answer = co_await api.cancel_github_ci(std::move(again));
    }
    co_return finish_cancelling(answer, printing);
}

asio::awaitable<int> runs_reset(runs_api::RunsApi& api, const std::string& run_id,
                                const runs_api::ResetRun& request, const Printing& printing) {
    const Result<Answer> answer = co_await api.reset_run(run_id, request);
    co_return finish(answer, printing, [&](const Document&) {
        return "reset run " + printable(run_id) + ": the failed and unfinished specs of " +
               std::to_string(request.machine_ids.size()) +
               (request.machine_ids.size() == 1 ? " machine" : " machines") + " can be run again\n";
    });
}

asio::awaitable<int> runs_delete(runs_api::RunsApi& api, const std::string& run_id,
                                 const Printing& printing) {
    const Result<Answer> answer = co_await api.delete_run(run_id);
    co_return finish(answer, printing,
                     [&](const Document&) { return "deleted run " + printable(run_id) + "\n"; });
}

}  // namespace runs_agent::agent
