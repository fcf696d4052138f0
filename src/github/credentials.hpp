// SPDX-License-Identifier: MIT
// Whose name requests to GitHub are sent in: a token that somebody made, a GitHub App
// (app_credentials.hpp), or nobody's.
#pragma once

#include "base/awaitable.hpp"
#include "base/error.hpp"
#include "github/github.hpp"
#include "github/rest.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace runs_agent::github {

class Credentials {
public:
    virtual ~Credentials() = default;

    /// For what belongs to a repository (OWNER/NAME) or an organization (its login). Getting one
    /// may take requests; where GitHub refuses these in a way that a later try may mend, the answer
    /// is its refusal. Errc::refused: there is no token, and why; other errors as in GitHub.
    virtual Awaitable<Result<Answer<Token>>> token_for(std::string repository_or_org) = 0;

    /// For what belongs to a GitHub App itself. Errc::refused where there is none.
    virtual Result<Token> app_token() = 0;

    /// As in GitHub. Here: one token for all.
    virtual std::string budget_of(const std::string& /*owner*/) const { return {}; }

    /// GitHub does not take this token (401). True where asking again may give another.
    virtual bool forget(const std::string& repository_or_org, const std::string& token) = 0;
};

/// A personal access token, classic or fine-grained, or the token of a workflow's job.
class TokenCredentials final : public Credentials {
public:
    /// `token` is asked before each request, so that a mounted secret can be mended while the
    /// daemon runs.
    explicit TokenCredentials(std::function<Result<std::string>()> token);

    Awaitable<Result<Answer<Token>>> token_for(std::string repository_or_org) override;
    Result<Token> app_token() override;
    bool forget(const std::string& repository_or_org, const std::string& token) override;

private:
    std::function<Result<std::string>()> token_;
};

/// Refuses everything, saying what to set.
class NoCredentials final : public Credentials {
public:
    Awaitable<Result<Answer<Token>>> token_for(std::string repository_or_org) override;
    Result<Token> app_token() override;
    bool forget(const std::string& repository_or_org, const std::string& token) override;
};

}  // namespace runs_agent::github
