// SPDX-License-Identifier: MIT
// What becomes of a planned call after an answer of the Runs API (runs_api/meaning.hpp says what
// that means) or of GitHub: a pure table from (call, reply, time). docs/operations.md has it in
// prose.
#pragma once

#include "base/error.hpp"
#include "store/store.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <string>

namespace runs_agent::execute {

/// What performing a call came to, as the table sees it.
struct Reply {
    enum class Kind {
        answered,       // the service answered: see status
        failed,         // no answer: network, TLS, time-out
        nothing_to_do,  // the recorded run was looked up, and there is nothing to do
        withdrawn,      // a later event took the call back, so no more was sent
        broke,          // a mistake of this program; nothing is known of what was sent
        no_key,         // there is no API key that could be sent
        invalid,        // the request broke a rule of the contract, so it was not sent
    };
    Kind kind = Kind::answered;
    int status = 0;      // HTTP, where answered
    std::string text;    // the service's words, or ours about the failure
    std::string run_id;  // the run it was about, where the answer named it
    std::optional<std::chrono::milliseconds> retry_after;
    std::string
        outcome_if_absent;    // of a 404: what is said when it stays so; empty: the usual words
    int broken_in_a_row = 0;  // of `broke`: the how manieth time in a row, from 1
};

/// What a call came to that got no answer, or was not sent at all.
Reply reply_of(const Error& error);

struct RetryPolicy {
    /// A run exists only once its first result arrived, so "not found" is asked again after these.
    std::array<std::chrono::milliseconds, 3> not_found_grace{
        std::chrono::seconds(10), std::chrono::minutes(1), std::chrono::minutes(5)};
    std::chrono::milliseconds first_backoff{1'000};
    std::chrono::milliseconds longest_backoff{600'000};
    /// However long a service asks to wait: its next answer may be another.
    std::chrono::milliseconds longest_wait = std::chrono::hours(1);
    std::chrono::milliseconds give_up_after = std::chrono::hours(24);  // of trying: see tried_for
    int max_breaks = 10;  // in a row; a mistake that passes (no memory) has a quarter of an hour
};

/// Exponential back-off with full jitter: anywhere between nothing and first * 2^failures, capped.
/// `random` is uniform in [0, 1). Source: AWS Architecture Blog, "Exponential Backoff And Jitter".
std::chrono::milliseconds backoff(const RetryPolicy& policy, int failures, double random);

/// What becomes of `call` (as claimed) after `reply` came at `now`.
store::AfterTry judge(const store::Call& call, const Reply& reply, Time now, double random,
                      const RetryPolicy& policy = {});

}  // namespace runs_agent::execute
