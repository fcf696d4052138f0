// SPDX-License-Identifier: MIT
#include "agent/action/told/judge.hpp"

#include "agent/action/asked/describe.hpp"
#include "agent/action/told/github_refusal.hpp"
#include "agent/action/told/try_again.hpp"

namespace runs_agent::agent::action {

using runs_api::Answer;
using runs_api::Meaning;

namespace {

constexpr const char* no_such_run = "no such run was recorded";

/// What a person can do about it; empty: the service's words have to do.
std::string advice(const Request& request, int status) {
    const bool record_key =
        request.command == Command::cancel && request.cancel_by == CancelBy::record_key;
    const std::string key =
        record_key ? "record-key (CURRENTS_RECORD_KEY)" : "api-token (CURRENTS_API_KEY)";
    if (status == 401) return "; check " + key + ", and that it belongs to the service asked";
    if (status == 403) return "; use a key that may read and write";
    if (status == 400) return "; check the step's inputs";
    return std::string(advice_on_trouble(status));
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

/// A step asks once, so a good answer is taken for what it says. Only by record key the service
/// says of none, too, that it went well (`"runId":null`).
Outcome judge_cancelled(const Request& request, const Answer& answer) {
    const std::string run_id(answer.data ? answer.data->text("runId") : "");
    if (request.cancel_by == CancelBy::record_key) {
        if (!answer.data) return without_data(request, answer);
        if (run_id.empty()) return nothing_to_cancel(request, answer);
    }
    return cancelled(request, Ending::cancelled, run_id.empty() ? request.run_id : run_id);
}

}  // namespace

Outcome judge_cancel(const Request& request, const Result<Answer>& answer) {
    if (answer.has_error()) return unanswered(request, answer.error());
    switch (answer->meaning()) {
        case Meaning::done:
            return judge_cancelled(request, *answer);
        case Meaning::already_so:
            // Where it speaks of both, the cancellation is what was asked for.
            if (runs_api::says_cancelled(answer->error))
                return cancelled(request, Ending::already_cancelled, request.run_id);
            return nothing(request, Ending::nothing_to_cancel, "the run is complete");
        case Meaning::no_such_run:
            return nothing_to_cancel(request, *answer);
        case Meaning::refused:
        case Meaning::later:
        case Meaning::not_accepted:
            break;
    }
    return refused(request, *answer);
}

std::optional<Outcome> judge_search(const Request& request, const Result<Answer>& answer) {
    if (answer.has_error()) return unanswered(request, answer.error());
    if (answer->meaning() == Meaning::no_such_run) {
        Outcome outcome = nothing(request, Ending::nothing_found, no_such_run);
        outcome.reason = no_such_run;
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
    if (answer->meaning() == Meaning::no_such_run)
        return nothing(request, Ending::nothing_to_reset, no_such_run);
    if (!answer->ok()) return refused(request, *answer);
    if (!answer->data || answer->data->run().run_id.empty()) return without_data(request, *answer);
    return std::nullopt;
}

Outcome judge_no_run(const Request& request, const execute::Reply& reply) {
    if (reply.kind != execute::Reply::Kind::answered)
        return unanswered(request, fail(code_of(reply), reply.text));
    Answer answer;
    answer.status = reply.status;
    answer.error = reply.text;
    if (answer.meaning() == Meaning::no_such_run)
        return nothing(request, Ending::nothing_to_reset, no_such_run);
    return refused(request, answer);
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
    const Meaning meaning = runs_api::meaning_of(reply.status, reply.text);
    const store::AfterTry after = execute::judge(call, reply, now, 0.0);
    if (after.was_not_found)
        return made(request, Ending::nothing_to_cancel, "nothing was recorded", "");
    if (after.changed && github) return made(request, Ending::cancelled, after.outcome, "");
    if (after.changed) return cancelled(request, Ending::cancelled, after.outcome, reply.run_id);
    if (after.state == store::CallState::succeeded) {
        // Where it speaks of both, nothing was left to cancel: nobody is told of a cancellation.
        if (meaning == Meaning::already_so && !runs_api::says_complete(reply.text))
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
    // After a part of it the run was there, so that it is gone is no success.
    if (answer.has_value() && answer->meaning() == Meaning::no_such_run && done == 0)
        return nothing(request, Ending::nothing_to_reset, no_such_run);
    // That the run has ended is no success of a reset, either: the specs will not be run again.
    Outcome outcome =
        answer.has_error() ? unanswered(request, answer.error()) : refused(request, *answer);
    if (answer.has_value() && answer->meaning() == Meaning::already_so && !answer->error.empty() &&
        runs_api::says_cancelled(answer->error))
        outcome.happened += "; a cancelled run cannot be reset, record a new one";
    if (done > 0) outcome.happened += "; " + std::to_string(done) + " of " + count + " were reset";
    outcome.run_id = run_id;
    outcome.run_url = run_url(request, run_id);
    return outcome;
}

}  // namespace runs_agent::agent::action
