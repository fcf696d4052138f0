// SPDX-License-Identifier: MIT
#include "github/app_credentials.hpp"

#include "base/text.hpp"
#include "github/jwt.hpp"
#include "github/request.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace runs_agent::github {

namespace asio = boost::asio;

namespace {

using PageAnswer = Answer<std::shared_ptr<const Page>>;
using TokenAnswer = Answer<Token>;

/// Before its end a token is not used any more: requests take their time, and clocks differ.
constexpr std::chrono::minutes margin{5};

constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

/// An App is installed once for each account; GitHub's logins know no case.
std::string account_of(std::string_view repository_or_org) {
    return lower(repository_or_org.substr(0, repository_or_org.find('/')));
}

/// What a refusal means for who asked for the token: what time may mend is passed on as it is.
Result<TokenAnswer> refusal(const PageAnswer& answer, const std::string& repository_or_org) {
    if (answer.retry_after || answer.status == 429 || answer.status >= 500) {
        TokenAnswer passed_on;
        passed_on.status = answer.status;
        passed_on.message = "asking for the GitHub App's token: " + answer.message;
        passed_on.retry_after = answer.retry_after;
        return passed_on;
    }
    const std::string words = answer.message + " (" + std::to_string(answer.status) + ")";
    if (answer.status == 401)
        return fail(Errc::refused, "GitHub does not accept the App's signature: " + words +
                                       "; check GITHUB_APP_ID, GITHUB_APP_PRIVATE_KEY and this "
                                       "machine's clock");
    if (answer.status == 404)
        return fail(Errc::refused, "the GitHub App is not installed for " + repository_or_org +
                                       ", GitHub says: " + words +
                                       "; install it there, from the App's page");
    return fail(Errc::refused, "GitHub gives the App no token for " + repository_or_org + ": " +
                                   words + "; see whether its installation is suspended");
}

}  // namespace

/// A fetch under way, for those who wait for it.
struct AppCredentials::Fetch {
    Fetch(const asio::any_io_executor& executor, std::string repository_or_org)
        : of(std::move(repository_or_org)), done(executor, asio::steady_timer::time_point::max()) {}

    std::string of;
    asio::steady_timer done;  // never expires; being cancelled is the end of the fetch
    std::optional<Result<TokenAnswer>> outcome;  // absent at the end: given up
};

struct AppCredentials::Account {
    std::int64_t installation = 0;  // 0: not known yet
    std::string token;              // empty: there is none
    Time expires_at{};
    std::shared_ptr<Fetch> fetch;

    TokenAnswer answer() const {
        TokenAnswer made;
        made.status = 200;
        made.value = Token{token, "installation " + std::to_string(installation)};
        return made;
    }
};

/// Ends a fetch, however its coroutine ends.
class AppCredentials::Fetching {
public:
    Fetching(AccountPtr account, std::shared_ptr<Fetch> fetch)
        : account_(std::move(account)), fetch_(std::move(fetch)) {
        account_->fetch = fetch_;
    }
    ~Fetching() {
        account_->fetch.reset();
        fetch_->done.cancel();
    }
    Fetching(const Fetching&) = delete;
    Fetching& operator=(const Fetching&) = delete;

private:
    AccountPtr account_;
    std::shared_ptr<Fetch> fetch_;
};

AppCredentials::AppCredentials(net::HttpTransport& transport, const Clock& clock,
                               std::string api_url, std::string app_id,
                               std::function<Result<std::string>()> private_key)
    : rest_(transport, clock, std::move(api_url)),
      clock_(clock),
      app_id_(std::move(app_id)),
      private_key_(std::move(private_key)) {}

AppCredentials::~AppCredentials() = default;

Result<Token> AppCredentials::app_token() {
    const Result<std::string> key = private_key_();
    if (key.has_error()) return fail(Errc::refused, key.error().message);
    Result<std::string> jwt = make_jwt(app_id_, *key, clock_.now());
    if (jwt.has_error()) return jwt.error();
    return Token{std::move(*jwt), "app"};
}

std::string AppCredentials::budget_of(const std::string& owner) const {
    return account_of(owner);
}

bool AppCredentials::is_fresh(const Account& account) const {
    return !account.token.empty() && clock_.now() + margin < account.expires_at;
}

asio::awaitable<Result<TokenAnswer>> AppCredentials::token_for(std::string repository_or_org) {
    // Checked before it names anything: an account is kept for each login.
    if (const auto path = installation_path(repository_or_org); path.has_error())
        co_return path.error();
    AccountPtr& place = accounts_[account_of(repository_or_org)];
    if (!place) place = std::make_shared<Account>();
    const AccountPtr account = place;
    for (;;) {
        if (is_fresh(*account)) co_return account->answer();
        const std::shared_ptr<Fetch> other = account->fetch;
        if (!other) break;
        co_await other->done.async_wait(quietly);
        // That the App is not installed on one repository says nothing of its owner's others.
        if (other->outcome && other->outcome->has_value()) co_return *other->outcome;
        if (other->outcome &&
            (other->of == repository_or_org || other->outcome->error().code != Errc::refused))
            co_return *other->outcome;
    }
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const auto mine = std::make_shared<Fetch>(executor, repository_or_org);
    const Fetching fetching(account, mine);
    Result<TokenAnswer> outcome = co_await fetch(std::move(repository_or_org), account);
    // Before `fetching` ends: its end wakes those who read it.
    mine->outcome = outcome;
    co_return outcome;
}

asio::awaitable<Result<TokenAnswer>> AppCredentials::fetch(std::string repository_or_org,
                                                           AccountPtr account) {
    for (;;) {
        const bool known = account->installation != 0;
        if (!known) {
            const Result<std::string> path = installation_path(repository_or_org);
            if (path.has_error()) co_return path.error();
            Result<PageAnswer> found = co_await ask("GET", *path);
            if (found.has_error()) co_return found.error();
            if (!found->ok()) co_return refusal(*found, repository_or_org);
            const auto id = read_installation(**found->value);
            if (id.has_error()) co_return id.error();
            account->installation = *id;
        }
        const std::string id = std::to_string(account->installation);
        Result<PageAnswer> made =
            co_await ask("POST", "/app/installations/" + id + "/access_tokens");
        if (made.has_error()) co_return made.error();
        if (made->status == 404) account->installation = 0;
        // Removed and installed again, the App's installation has another id.
        if (made->status == 404 && known) continue;
        if (!made->ok()) co_return refusal(*made, repository_or_org);
        auto token = read_access_token(**made->value);
        if (token.has_error()) co_return token.error();
        account->token = std::move(token->token);
        account->expires_at = token->expires_at;
        co_return account->answer();
    }
}

asio::awaitable<Result<PageAnswer>> AppCredentials::ask(std::string method, std::string path) {
    Result<Token> token = app_token();
    if (token.has_error()) co_return token.error();
    RestRequest request;
    request.method = std::move(method);
    request.path = std::move(path);
    co_return co_await rest_.send(std::move(request), std::move(*token));
}

bool AppCredentials::forget(const std::string& repository_or_org, const std::string& token) {
    const auto found = accounts_.find(account_of(repository_or_org));
    // Where it is another by now, somebody has forgotten this one already.
    if (found != accounts_.end() && found->second->token == token) found->second->token.clear();
    return true;
}

}  // namespace runs_agent::github
