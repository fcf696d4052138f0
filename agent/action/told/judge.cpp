#include "agent/action/told/judge.hpp"

#include "agent/action/asked/describe.hpp"
#include "agent/action/told/github_refusal.hpp"

#include <algorithm>
#include <cctype>

namespace runs_agent::agent::action {

using runs_api::Answer;

namespace {

bool says(std::string_view text, std::string_view word) {
    const auto same = [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) ==
               std::tolower(static_cast<unsigned char>(b));
    };
    return std::search(text.begin(), text.end(), word.begin(), word.end(), same) != text.end();
}

// The service words it "Run is cancelled" or "Run already cancelled"; another 422 would mean that
// the request was wrong.
bool says_cancelled(const Answer& answer) {
    return answer.status == 422 && (answer.error.empty() || says(answer.error, "cancel"));
}

/// A complete run has nothing left to cancel.
bool says_complete(const Answer& answer) {
    return answer.status == 422 && says(answer.error, "complete");
}

std::string advice(const Request& request, int status) {
    const bool record_key =
        request.command == Command::cancel && request.cancel_by == CancelBy::record_key;
    const std::string key =
        record_key ? "record-key (CURRENTS_RECORD_KEY)" : "api-token (CURRENTS_API_KEY)";
    if (status == 401) return "; check " + key + ", and that it belongs to the service asked";
    if (status == 403) return "; use a key that may read and write";
    if (status == 400) return "; check the step's inputs";
    if (status >= 500 || status == 429 || status == 408 || status == 425)
        return "; it was tried for as long as a step may take, run it again later";
    return "";
}

Outcome refused(const Request& request, const Answer& answer) {
    return failed(fail(Errc::refused, "could not " + describe(request) + ": the service answered " +
                                          std::to_string(answer.status) +
                                          (answer.error.empty() ? "" : " " + answer.error) +
                                          advice(request, answer.status)));
}

/// Neither a run nor a reason why there is none.
Outcome without_data(const Request& request, const Answer& answer) {
    return failed(fail(Errc::network, "could not " + describe(request) + ": the service answered " +
                                          std::to_string(answer.status) +
                                          " without data; check api-url (CURRENTS_API_URL)"));
}

Outcome unanswered(const Request& request, const Error& error) {
    return failed(fail(error.code, "could not " + describe(request) + ": " + error.message));
}

Outcome made(const Request& request, Ending ending, std::string happened, std::string_view run_id) {
    Outcome outcome;
    outcome.ending = ending;
    outcome.happened = std::move(happened);
    outcome.run_id = run_id;
    outcome.run_url = run_url(request, run_id);
    return outcome;
}

/// `happened` says that it is cancelled, now or before.
Outcome cancelled(const Request& request, Ending ending, std::string happened,
                  std::string_view run_id) {
    Outcome outcome = made(request, ending, std::move(happened), run_id);
    outcome.status = to_string(runs_api::CompletionState::canceled);
    return outcome;
}

Outcome nothing(const Request& request, Ending ending, const std::string& why) {
    std::string happened = "there was nothing to " + describe(request) + ": " + why;
    if (request.guessed_build_id)
        happened +=
            "; the build id is only the default, set ci-build-id (CURRENTS_CI_BUILD_ID) to "
            "what the reporters use";
    Outcome outcome = made(request, ending, std::move(happened), "");
    outcome.level = ending == Ending::nothing_found ? Level::notice : Level::warning;
    return outcome;
}

Outcome nothing_to_cancel(const Request& request, const Answer& answer) {
    std::string why = "no such run was recorded; a run exists only once its first result was";
    if (request.cancel_by == CancelBy::record_key && !answer.ok())
        why += " (an older service answers 404 so, but so does a wrong director-url or api-url)";
    return nothing(request, Ending::nothing_to_cancel, why);
}

Outcome cancelled(const Request& request, Ending ending, std::string_view run_id) {
    std::string happened(ending == Ending::cancelled ? "cancelled" : "was cancelled already:");
    happened += run_id.empty() ? " the run" : " run " + std::string(run_id);
    return cancelled(request, ending, std::move(happened), run_id);
}

Errc code_of(const execute::Reply& reply) {
    using Kind = execute::Reply::Kind;
    if (reply.kind == Kind::invalid) return Errc::bad_input;
    return reply.kind == Kind::failed ? Errc::network : Errc::refused;
}

}  // namespace

bool refuses_request(const Answer& answer) {
    return answer.status == 400 ||
           (answer.status == 422 && !says_cancelled(answer) && !says_complete(answer));
}

Outcome judge_cancel(const Request& request, const Result<Answer>& answer) {
    if (answer.has_error()) return unanswered(request, answer.error());
    if (answer->status == 404) return nothing_to_cancel(request, *answer);
    if (says_cancelled(*answer))
        return cancelled(request, Ending::already_cancelled, request.run_id);
    if (says_complete(*answer))
        return nothing(request, Ending::nothing_to_cancel, "the run is complete");
    if (!answer->ok()) return refused(request, *answer);
    const std::string run_id(answer->data ? answer->data->text("runId") : "");
    if (request.cancel_by == CancelBy::record_key) {
        if (!answer->data) return without_data(request, *answer);
        if (run_id.empty()) return nothing_to_cancel(request, *answer);
    }
    return cancelled(request, Ending::cancelled, run_id.empty() ? request.run_id : run_id);
}

std::optional<Outcome> judge_search(const Request& request, const Result<Answer>& answer) {
    if (answer.has_error()) return unanswered(request, answer.error());
    if (answer->status == 404) {
        Outcome outcome = nothing(request, Ending::nothing_found, "no such run was recorded");
        outcome.reason = "no such run was recorded";
        return outcome;
    }
    if (!answer->ok()) return refused(request, *answer);
    if (!answer->data) return without_data(request, *answer);
    return std::nullopt;
}

Outcome found_run(const Request& request, const runs_api::Document& data, std::string status) {
    const std::string run_id(data.text("runId"));
    Outcome outcome = made(request, Ending::found, "found run " + run_id + ", " + status, run_id);
    outcome.status = std::move(status);
    return outcome;
}

std::optional<Outcome> judge_lookup(const Request& request, const Result<Answer>& answer) {
    if (answer.has_error()) return unanswered(request, answer.error());
    if (answer->status == 404)
        return nothing(request, Ending::nothing_to_reset, "no such run was recorded");
    if (!answer->ok()) return refused(request, *answer);
    if (!answer->data || answer->data->run().run_id.empty()) return without_data(request, *answer);
    return std::nullopt;
}

Outcome judge_no_run(const Request& request, const execute::Reply& reply) {
    using Kind = execute::Reply::Kind;
    if (reply.kind == Kind::answered) {
        Answer answer;
        answer.status = reply.status;
        answer.error = reply.text;
        return reply.status == 404
                   ? nothing(request, Ending::nothing_to_reset, "no such run was recorded")
                   : refused(request, answer);
    }
    return unanswered(request, fail(code_of(reply), reply.text));
}

Outcome nothing_to_reset(const Request& request, const std::string& run_id, std::string status,
                         const std::string& why) {
    Outcome outcome = made(request, Ending::nothing_to_reset,
                           "there was nothing to reset in run " + run_id + ": " + why, run_id);
    if (status == to_string(runs_api::CompletionState::canceled)) outcome.level = Level::warning;
    outcome.status = std::move(status);
    return outcome;
}

Outcome judge_call(const Request& request, const store::Call& call, const execute::Reply& reply,
                   Time now) {
    const bool github = decide::asks_github(call.planned.operation);
    const store::AfterTry after = execute::judge(call, reply, now, 0.0);
    if (after.was_not_found)
        return made(request, Ending::nothing_to_cancel, "nothing was recorded", "");
    if (after.changed && github) return made(request, Ending::cancelled, after.outcome, "");
    if (after.changed) return cancelled(request, Ending::cancelled, after.outcome, reply.run_id);
    if (after.state == store::CallState::succeeded) {
        if (reply.status == 422 && !says(reply.text, "complete"))
            return cancelled(request, Ending::already_cancelled, "was cancelled already", "");
        return made(request, Ending::nothing_to_cancel, reply.text, "");
    }
    std::string text = reply.text;
    if (reply.kind == execute::Reply::Kind::answered)
        text = (github ? "GitHub answered " : "the service answered ") +
               std::to_string(reply.status) + (text.empty() ? "" : " " + text) +
               (github ? github_advice(reply.status, "actions: write")
                       : advice(request, reply.status));
    return failed(fail(code_of(reply), text));
}

Outcome judge_reset(const Request& request, const std::string& run_id, const Result<Answer>& answer,
                    std::size_t done, std::size_t machines) {
    const std::string count = std::to_string(machines) + (machines == 1 ? " machine" : " machines");
    if (answer.has_value() && answer->ok())
        return made(request, Ending::reset,
                    "reset run " + run_id + ": the failed and unfinished specs of " + count +
                        " can be run again",
                    run_id);
    if (answer.has_value() && answer->status == 404 && done == 0)
        return nothing(request, Ending::nothing_to_reset, "no such run was recorded");
    Outcome outcome =
        answer.has_error() ? unanswered(request, answer.error()) : refused(request, *answer);
    if (answer.has_value() && answer->status == 422 && says(answer->error, "cancel"))
        outcome.happened += "; a cancelled run cannot be reset, record a new one";
    if (done > 0) outcome.happened += "; " + std::to_string(done) + " of " + count + " were reset";
    outcome.run_id = run_id;
    outcome.run_url = run_url(request, run_id);
    return outcome;
}

}  // namespace runs_agent::agent::action
