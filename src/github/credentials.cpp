// SPDX-License-Identifier: MIT
#include "github/credentials.hpp"

#include "base/encoding.hpp"
#include "base/text.hpp"

#include <boost/asio/awaitable.hpp>

namespace runs_agent::github {

namespace asio = boost::asio;

namespace {

/// What is not visible ASCII is no token.
Result<void> check_token(const std::string& token) {
    if (is_visible_ascii(token)) return {};
    return fail(Errc::refused,
                "the GitHub token is empty or holds a space, a line end or another character that "
                "no token has; set GITHUB_TOKEN, or the file of GITHUB_TOKEN_FILE, anew");
}

Error no_credentials() {
    return fail(Errc::refused,
                "there is nothing to ask GitHub's API with; set GITHUB_TOKEN, or GITHUB_APP_ID and "
                "GITHUB_APP_PRIVATE_KEY");
}

}  // namespace

TokenCredentials::TokenCredentials(std::function<Result<std::string>()> token)
    : token_(std::move(token)) {}

asio::awaitable<Result<Answer<Token>>> TokenCredentials::token_for(std::string) {
    Result<std::string> text = token_();
    // Refused, not bad_input: no request is to blame, and the token may be mended at any time.
    if (text.has_error()) co_return fail(Errc::refused, text.error().message);
    if (const auto valid = check_token(*text); valid.has_error()) co_return valid.error();
    Answer<Token> answer;
    answer.status = 200;
    // A new token is somebody else's, maybe, and has a budget of its own.
    std::string budget = "token " + to_hex(sha256(*text));
    answer.value = Token{std::move(*text), std::move(budget)};
    co_return answer;
}

Result<Token> TokenCredentials::app_token() {
    return fail(Errc::refused,
                "a GitHub App's delivery log can be read by the App only, not with a token; set "
                "GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY instead of GITHUB_TOKEN");
}

bool TokenCredentials::forget(const std::string& /*repository_or_org*/,
                              const std::string& /*token*/) {
    return false;
}

asio::awaitable<Result<Answer<Token>>> NoCredentials::token_for(std::string) {
    co_return no_credentials();
}

Result<Token> NoCredentials::app_token() {
    return no_credentials();
}

bool NoCredentials::forget(const std::string& /*repository_or_org*/, const std::string& /*token*/) {
    return false;
}

}  // namespace runs_agent::github
