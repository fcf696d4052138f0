// SPDX-License-Identifier: MIT
#include "execute/not_recorded.hpp"

#include <boost/asio/awaitable.hpp>

#include <algorithm>

namespace runs_agent::execute {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::minutes slack{10};

std::string count_in_progress(std::size_t others) {
    return others == 1 ? "1 run is" : std::to_string(others) + " runs are";
}

constexpr const char* what_to_set =
    "if the reporter makes its build id by itself, set CURRENTS_CI_BUILD_ID in the workflow to "
    "what "
    "the policy's ci_build_id makes, or ci_build_id to what the reporter makes";

}  // namespace

std::string not_recorded(const store::Call& call, std::size_t others,
                         const std::string& uncertain) {
    const std::string none = "no run was recorded as " + call.planned.ci_build_id;
    // A run that is to be reset may be complete: what is in progress tells nothing of it.
    if (call.planned.operation == decide::Operation::reset_run)
        return "nothing was reset: " + none + "; " + what_to_set;
    if (others == 0) return "nothing to cancel: " + none + ", and none is in progress";
    return "nothing was cancelled: " + none + ", but " + count_in_progress(others) +
           " in progress under other build ids, and may be meant" +
           (uncertain.empty() ? "" : " (" + uncertain + ")") + "; " + what_to_set;
}

asio::awaitable<AttemptEnd> look_at_attempt(github::GitHub& github, const store::Call& call) {
    AttemptEnd end;
    if (const std::string other = of_another_host(call, github); !other.empty()) {
        end.why_not = "the workflow run" + other;
        co_return end;
    }
    const std::int64_t run_id = call.planned.run.run_id;
    const auto answer = co_await github.get_workflow_run(call.repository, run_id);
    const Reply reply = to_reply(answer);
    end.log = describe("look at workflow run " + std::to_string(run_id), reply);
    if (answer.has_value() && answer->ok() && answer->value) {
        const github::WorkflowRun& run = *answer->value;
        end.certain = github::has_ended(run) && run.attempt == call.planned.attempt;
        if (!end.certain)
            end.why_not = "GitHub says that attempt " + std::to_string(run.attempt) +
                          " of the workflow run is " + run.status;
        end.began = run.created_at;
        end.ended = run.updated_at;
        co_return end;
    }
    const bool passes = reply.kind == Reply::Kind::failed || reply.retry_after ||
                        reply.status == 408 || reply.status == 429 || reply.status >= 500;
    const std::string words =
        (reply.status > 0 ? std::to_string(reply.status) + " " : "") + reply.text;
    if (passes) {
        end.later.emplace();
        end.later->kind = Reply::Kind::failed;
        end.later->text = "GitHub could not be asked whether the attempt has ended: " + words;
        end.later->retry_after = reply.retry_after;
    }
    end.why_not = "GitHub does not tell whether its attempt has ended: " + words;
    co_return end;
}

std::vector<InProgress> made_during(const AttemptEnd& attempt, std::vector<InProgress> runs) {
    std::erase_if(runs, [&](const InProgress& run) {
        if (run.ci_build_id.empty()) return true;  // nothing would narrow the request to it
        if (!run.created_at) return false;
        return (attempt.began != Time() && *run.created_at < attempt.began - slack) ||
               (attempt.ended != Time() && *run.created_at > attempt.ended + slack);
    });
    return runs;
}

}  // namespace runs_agent::execute
