// What GitHub's API says of a workflow run, as the facts that decisions are made of: made up into
// an event as the daemon's catching up does, so that the rules see what the daemon would see.
#pragma once

#include "agent/action/request.hpp"
#include "decide/facts.hpp"
#include "github/github.hpp"

#include <string>

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

/// Its repository is the one that the run itself names; the default branch is not told. Errors:
/// bad_input, where it lacks what nothing can be decided without.
Result<decide::WorkflowRun> facts_of(const github::WorkflowRun& run, const std::string& host);

/// Of the run that the step is part of.
Result<decide::WorkflowRun> own_facts(const Request& request, const std::string& host,
                                      Result<github::Answer<github::WorkflowRun>> answer);

}  // namespace runs_agent::agent::action
