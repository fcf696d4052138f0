// SPDX-License-Identifier: MIT
#include "runs_api/meaning.hpp"

#include "base/text.hpp"

namespace runs_agent::runs_api {

namespace {

constexpr int bad_request = 400;
constexpr int unprocessable = 422;

/// The statuses that the official action tries again, and what proxies say of a service that is
/// down (520 and up). 501 and 505 are about the request.
bool comes_later(int status) {
    return status == 408 || status == 425 || status == 429 ||
           (status >= 500 && status != 501 && status != 505);
}

}  // namespace

Meaning meaning_of(int status, std::string_view words) {
    if (status >= 200 && status < 300) return Meaning::done;
    if (status == unprocessable && (says_cancelled(words) || says_complete(words)))
        return Meaning::already_so;
    if (status == 404) return Meaning::no_such_run;
    if (status == 401 || status == 403) return Meaning::refused;
    return comes_later(status) ? Meaning::later : Meaning::not_accepted;
}

Meaning meaning_of(const Error& error) {
    // A rule of the contract was broken before anything was sent: trying again changes nothing.
    if (error.code == Errc::bad_input) return Meaning::not_accepted;
    return error.code == Errc::refused ? Meaning::refused : Meaning::later;
}

bool says_cancelled(std::string_view words) {
    return words.empty() || contains_ignoring_case(words, "cancel");
}

bool says_complete(std::string_view words) {
    return contains_ignoring_case(words, "complete");
}

bool dislikes_form(int status) {
    return status == bad_request;
}

bool may_dislike_form(int status, std::string_view words) {
    return dislikes_form(status) ||
           (status == unprocessable && meaning_of(status, words) == Meaning::not_accepted);
}

}  // namespace runs_agent::runs_api
