// SPDX-License-Identifier: MIT
#include "execute/answer.hpp"

#include "base/time_text.hpp"
#include "runs_api/meaning.hpp"

#include <algorithm>
#include <cmath>

namespace runs_agent::execute {

using runs_api::Meaning;
using std::chrono::milliseconds;
using store::AfterTry;
using store::Call;
using store::CallState;

namespace {

std::string quoted(const Reply& reply) {
    std::string text = reply.kind == Reply::Kind::answered ? std::to_string(reply.status) : "";
    if (!reply.text.empty()) text += (text.empty() ? "" : " ") + reply.text;
    return text;
}

AfterTry finished(CallState state, std::string outcome) {
    AfterTry after;
    after.state = state;
    after.outcome = std::move(outcome);
    return after;
}

AfterTry held(const Call& call, const std::string& why) {
    const bool github = decide::asks_github(call.planned.operation);
    return finished(CallState::held,
                    why + "; mend " +
                        (github ? "GITHUB_TOKEN (or the GitHub App)" : "CURRENTS_API_KEY") +
                        ", it goes on by itself");
}

std::string done(const Call& call, const Reply& reply) {
    if (call.planned.operation == decide::Operation::reset_run)
        return "reset " + reply.text + " of run " + reply.run_id;
    if (decide::asks_github(call.planned.operation))
        return "GitHub cancels workflow run " + reply.run_id;
    return "cancelled run " + reply.run_id;
}

AfterTry again(Time when, std::string outcome) {
    AfterTry after;
    after.due_at = when;
    after.outcome = std::move(outcome);
    return after;
}

AfterTry not_found(const Call& call, const Reply& reply, Time now, const RetryPolicy& policy) {
    const auto asked = static_cast<std::size_t>(call.not_found);
    if (asked < policy.not_found_grace.size()) {
        const auto wait = policy.not_found_grace[asked];
        AfterTry after = again(now + wait, "not recorded yet; asked again in " + to_words(wait));
        after.was_not_found = true;
        return after;
    }
    AfterTry after =
        finished(CallState::succeeded, reply.outcome_if_absent.empty()
                                           ? "nothing to cancel: no such run was recorded"
                                           : reply.outcome_if_absent);
    after.was_not_found = true;
    return after;
}

/// A day of trying, not a day gone by: a machine that slept for two days has not tried.
AfterTry later(const Call& call, const Reply& reply, Time now, double random,
               const RetryPolicy& policy) {
    milliseconds wait = backoff(policy, call.tries - call.not_found, random);
    // The peer's word is a floor; the jitter on top keeps many callers from coming at once.
    if (reply.retry_after)
        wait =
            std::min(*reply.retry_after, policy.longest_wait) + std::min(wait, milliseconds(5'000));
    if (call.tried_for + wait > policy.give_up_after)
        return finished(CallState::dead, "given up after " + to_words(call.tried_for) +
                                             " of trying: " + quoted(reply));
    return again(now + wait, quoted(reply) + "; again in " + to_words(wait));
}

/// It may be the call itself that this program stumbles over; the others must not wait for it for
/// long.
AfterTry broken(const Reply& reply, Time now, double random, const RetryPolicy& policy) {
    const std::string what = "a mistake of this program: " + reply.text;
    if (reply.broken_in_a_row >= policy.max_breaks)
        return finished(CallState::dead, "given up after " + std::to_string(reply.broken_in_a_row) +
                                             " tries, " + what +
                                             "; replay it with a version in which it is mended");
    const milliseconds wait = backoff(policy, reply.broken_in_a_row, random);
    return again(now + wait, what + "; again in " + to_words(wait));
}

AfterTry succeeded(const Call& call, const Reply& reply, Time now, const RetryPolicy& policy) {
    // Whoever cancels a run names it (docs/runs-api.md); `"data":null` cancelled none. So it is
    // with the daemon: a step and the command line make less of an answer that names no run.
    if (reply.run_id.empty()) return not_found(call, reply, now, policy);
    AfterTry after = finished(CallState::succeeded, done(call, reply));
    after.changed = true;
    return after;
}

/// What GitHub's answers mean otherwise than those of a Runs API; absent: they mean the same.
std::optional<AfterTry> judge_github(const Call& call, const Reply& reply, Meaning meaning,
                                     Time now, double random, const RetryPolicy& policy) {
    if (!decide::asks_github(call.planned.operation) || meaning == Meaning::done ||
        meaning == Meaning::already_so)
        return std::nullopt;
    // GitHub says so of what the token may not see, too; neither comes right by waiting.
    if (meaning == Meaning::no_such_run)
        return finished(CallState::dead, "GitHub shows no such run (" + quoted(reply) +
                                             "): it is deleted, or the token may not see it");
    // GitHub's limits are answered 403 as well.
    if (reply.retry_after) return later(call, reply, now, random, policy);
    if (meaning == Meaning::refused)
        return held(call, "GitHub's token was refused (" + quoted(reply) + ")");
    return std::nullopt;
}

AfterTry judge_answer(const Call& call, const Reply& reply, Time now, double random,
                      const RetryPolicy& policy) {
    const Meaning meaning = runs_api::meaning_of(reply.status, reply.text);
    if (auto after = judge_github(call, reply, meaning, now, random, policy))
        return std::move(*after);
    switch (meaning) {
        case Meaning::done:
            return succeeded(call, reply, now, policy);
        case Meaning::already_so:
            // Of a reset, too: the run has ended since it was looked at, and nothing is to be run.
            return finished(CallState::succeeded, "already so: " + quoted(reply));
        case Meaning::no_such_run:
            return not_found(call, reply, now, policy);
        case Meaning::refused:
            return held(call, "the API key was refused (" + quoted(reply) + ")");
        case Meaning::later:
            return later(call, reply, now, random, policy);
        case Meaning::not_accepted:
            break;
    }
    return finished(CallState::dead, "not accepted: " + quoted(reply));
}

}  // namespace

Reply reply_of(const Error& error) {
    Reply reply;
    const Meaning meaning = runs_api::meaning_of(error);
    reply.kind = meaning == Meaning::not_accepted ? Reply::Kind::invalid
                 : meaning == Meaning::refused    ? Reply::Kind::no_key
                                                  : Reply::Kind::failed;
    reply.text = error.message;
    return reply;
}

milliseconds backoff(const RetryPolicy& policy, int failures, double random) {
    const double ceiling = std::min(
        static_cast<double>(policy.longest_backoff.count()),
        static_cast<double>(policy.first_backoff.count()) * std::exp2(std::clamp(failures, 0, 30)));
    return milliseconds(static_cast<std::int64_t>(ceiling * random));
}

AfterTry judge(const Call& call, const Reply& reply, Time now, double random,
               const RetryPolicy& policy) {
    switch (reply.kind) {
        case Reply::Kind::failed:
            return later(call, reply, now, random, policy);
        case Reply::Kind::no_key:
            return held(call, reply.text);
        case Reply::Kind::broke:
            return broken(reply, now, random, policy);
        case Reply::Kind::invalid:
            return finished(CallState::dead, reply.text);
        case Reply::Kind::nothing_to_do:
        case Reply::Kind::withdrawn:
            return finished(CallState::succeeded, reply.text);
        case Reply::Kind::answered:
            break;
    }
    return judge_answer(call, reply, now, random, policy);
}

}  // namespace runs_agent::execute
