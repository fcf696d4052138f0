// SPDX-License-Identifier: MIT
// What is said where GitHub does not give a step what it asks for.
#pragma once

#include "base/error.hpp"
#include "github/github.hpp"

#include <string>
#include <utility>

namespace runs_agent::agent::action {

/// How to mend that GitHub refused a token that needs `permission` ("actions: read"); begins with
/// "; ", or is empty.
std::string github_advice(int status, const std::string& permission);

/// Of what was asked for and answered with `status`. Errc::refused.
Error github_refused(const std::string& asked, int status, const std::string& words);

/// The value of a good answer; else an error that says what could not be done, and how to mend it.
template <class Value>
Result<Value> taken(Result<github::Answer<Value>> answer, const std::string& asked) {
    if (answer.has_error())
        return fail(answer.error().code, "could not " + asked + ": " + answer.error().message);
    if (!answer->ok() || !answer->value)
        return github_refused(asked, answer->status, answer->message);
    return std::move(*answer->value);
}

}  // namespace runs_agent::agent::action
