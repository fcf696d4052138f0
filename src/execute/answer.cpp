#include "execute/answer.hpp"

#include "base/time_text.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>

namespace runs_agent::execute {

using std::chrono::milliseconds;
using store::AfterTry;
using store::Call;
using store::CallState;

namespace {

bool says(std::string_view text, std::string_view word) {
    const auto same = [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) ==
               std::tolower(static_cast<unsigned char>(b));
    };
    return std::search(text.begin(), text.end(), word.begin(), word.end(), same) != text.end();
}

bool comes_later(int status) {
    // The statuses that the official action tries again, and what proxies say of a service that is
    // down (520 and up). 501 and 505 are about the request.
    return status == 408 || status == 425 || status == 429 ||
           (status >= 500 && status != 501 && status != 505);
}

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
    if (reply.broken_in_a_row >= policy.most_breaks)
        return finished(CallState::dead, "given up after " + std::to_string(reply.broken_in_a_row) +
                                             " tries, " + what +
                                             "; replay it with a version in which it is mended");
    const milliseconds wait = backoff(policy, reply.broken_in_a_row, random);
    return again(now + wait, what + "; again in " + to_words(wait));
}

}  // namespace

Reply reply_of(const Error& error) {
    Reply reply;
    // A rule of the contract was broken before anything was sent: trying again changes nothing.
    reply.kind = error.code == Errc::bad_input ? Reply::Kind::invalid
                 : error.code == Errc::refused ? Reply::Kind::no_key
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

bool says_already_ended(std::string_view text) {
    return text.empty() || says(text, "cancel") || says(text, "complete");
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
    const int status = reply.status;
    if (status >= 200 && status < 300) {
        // Whoever cancels a run names it (docs/runs-api.md); `"data":null` cancelled none.
        if (reply.run_id.empty()) return not_found(call, reply, now, policy);
        AfterTry after = finished(CallState::succeeded, done(call, reply));
        after.changed = true;
        return after;
    }
    if (status == 422 && says_already_ended(reply.text))
        return finished(CallState::succeeded, "already so: " + quoted(reply));
    const bool github = decide::asks_github(call.planned.operation);
    // GitHub says so of what the token may not see, too; neither comes right by waiting.
    if (status == 404 && github)
        return finished(CallState::dead, "GitHub shows no such run (" + quoted(reply) +
                                             "): it is deleted, or the token may not see it");
    if (status == 404) return not_found(call, reply, now, policy);
    // GitHub's limits are answered 403 as well.
    if (github && reply.retry_after) return later(call, reply, now, random, policy);
    if (status == 401 || status == 403)
        return held(call, std::string(github ? "GitHub's token" : "the API key") +
                              " was refused (" + quoted(reply) + ")");
    if (comes_later(status)) return later(call, reply, now, random, policy);
    return finished(CallState::dead, "not accepted: " + quoted(reply));
}

}  // namespace runs_agent::execute
