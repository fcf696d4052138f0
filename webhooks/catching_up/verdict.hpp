// SPDX-License-Identifier: MIT
// What an answer of GitHub's means for a round of catching up.
#pragma once

#include "base/error.hpp"
#include "github/github.hpp"

#include <string>

namespace runs_agent::webhooks {

/// What GitHub's answer means for the round.
enum class Verdict {
    fine,
    limited,        // nothing more may be asked for a while
    unauthorized,   // the token itself is not taken: nothing more should be asked with it
    not_permitted,  // these credentials may not see it
    absent,         // it does not exist (any more), or these credentials may not know that it does
    useless,        // asking again would bring the same
    failed,         // a later try may go better
    unreachable,    // so would anything else
};
Verdict verdict_of(const Error& error);
Verdict verdict_of(int status, bool limited);

template <class Value>
Verdict verdict_of(const Result<github::Answer<Value>>& answer) {
    if (answer.has_error()) return verdict_of(answer.error());
    const Verdict verdict = verdict_of(answer->status, answer->retry_after.has_value());
    return verdict == Verdict::fine && !answer->value ? Verdict::useless : verdict;
}

/// What went wrong, for a log line.
template <class Value>
std::string words_of(const Result<github::Answer<Value>>& answer) {
    if (answer.has_error()) return answer.error().message;
    return "GitHub answered " + std::to_string(answer->status) +
           (answer->message.empty() ? "" : ": " + answer->message);
}

}  // namespace runs_agent::webhooks
