// SPDX-License-Identifier: MIT
// What an answer of the Runs API means, whoever asked: the daemon's calls, a step, the command
// line. What follows from it is theirs to say. docs/runs-api.md has it in prose.
#pragma once

#include "base/error.hpp"

#include <string_view>

namespace runs_agent::runs_api {

enum class Meaning {
    done,          // 2xx; whether it names a run is the reader's to see
    already_so,    // 422 that speaks of "cancel" or "complete", or says nothing
    no_such_run,   // 404
    refused,       // 401, 403, or no key that could be sent: the key is to be mended
    later,         // 408, 425, 429, 5xx but 501 and 505, or no answer
    not_accepted,  // all else: 400 and other 4xx, another 422, a redirect, 501, 505
};

/// `words` are the service's own about a failure.
Meaning meaning_of(int status, std::string_view words);

/// Of what got no answer, or was not sent at all.
Meaning meaning_of(const Error& error);

/// Do the words of a 422 say that the run is cancelled? The service words it "Run is cancelled" or
/// "Run already cancelled". No words count, too: another 422 says what is wrong.
bool says_cancelled(std::string_view words);

/// Do the words of a 422 say that the run is complete? It has nothing left to cancel.
bool says_complete(std::string_view words);

/// Is it the form of PUT /runs/cancel-ci/github that is not liked? Then the attempt is sent in its
/// other form. 400 says so: nothing else in that request can be wrong by itself.
bool dislikes_form(int status);

/// As dislikes_form(), and where a 422 does not speak of the run, which may say so, too.
bool may_dislike_form(int status, std::string_view words);

}  // namespace runs_agent::runs_api
