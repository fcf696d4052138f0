// SPDX-License-Identifier: MIT
// A GitHub App's credentials: it signs who it is, and trades that for a token of an hour for each
// account that has installed it.
// Source: docs.github.com, "Generating an installation access token for a GitHub App".
#pragma once

#include "base/awaitable.hpp"
#include "github/credentials.hpp"

#include <map>
#include <memory>

namespace runs_agent::github {

class AppCredentials final : public Credentials {
public:
    /// `app_id` may be the App's client id. `private_key` (PEM) is asked whenever something is to
    /// be signed. All calls on one executor.
    AppCredentials(net::HttpTransport& transport, const Clock& clock, std::string api_url,
                   std::string app_id, std::function<Result<std::string>()> private_key);
    ~AppCredentials() override;

    /// An account's token is kept until five minutes before its end. Who asks while it is fetched
    /// waits for that fetch.
    Awaitable<Result<Answer<Token>>> token_for(std::string repository_or_org) override;
    Result<Token> app_token() override;
    /// The account, which has a token of its own; the App's own for nobody's.
    std::string budget_of(const std::string& owner) const override;
    bool forget(const std::string& repository_or_org, const std::string& token) override;

private:
    struct Fetch;
    struct Account;
    class Fetching;
    using AccountPtr = std::shared_ptr<Account>;

    bool is_fresh(const Account& account) const;
    Awaitable<Result<Answer<Token>>> fetch(std::string repository_or_org, AccountPtr account);
    Awaitable<Result<Answer<std::shared_ptr<const Page>>>> ask(std::string method,
                                                               std::string path);

    Rest rest_;
    const Clock& clock_;
    std::string app_id_;
    std::function<Result<std::string>()> private_key_;
    std::map<std::string, AccountPtr> accounts_;  // by login in lower case
};

}  // namespace runs_agent::github
