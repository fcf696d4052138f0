// SPDX-License-Identifier: MIT
#include "tests/github/fake_access.hpp"

#include "base/time_text.hpp"
#include "tests/github/fake_app.hpp"
#include "tests/github/fake_things.hpp"

#include <algorithm>

namespace runs_agent::tests {

namespace {

bool contains(const std::vector<std::string>& list, const std::string& text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

bool FakeAccess::Caller::sees(const std::string& repository) const {
    if (is_app || (!account.empty() && owner_of(repository) != account)) return false;
    return grant.repositories.empty() || contains(grant.repositories, repository);
}

FakeAccess::Caller FakeAccess::caller_of(const net::HttpRequest& request) const {
    Caller caller;
    const auto field = request.headers.find("Authorization");
    constexpr std::string_view bearer = "Bearer ";
    if (!field || !field->starts_with(bearer)) {
        caller.wrong = "Requires authentication";
        return caller;
    }
    const std::string token(field->substr(bearer.size()));
    if (const auto known = tokens.find(token); known != tokens.end()) {
        caller.name = "token " + token;
        caller.grant = known->second;
    } else if (const auto made = made_.find(token); made != made_.end()) {
        const FakeInstallation* const from = installation(made->second.installation);
        if (from == nullptr || made->second.expires_at <= clock_.now()) {
            caller.wrong = "Bad credentials";
            return caller;
        }
        caller.name = "installation " + std::to_string(from->id);
        caller.account = from->account;
        caller.grant = from->grant;
        caller.grant.repositories = from->repositories;
    } else if (std::count(token.begin(), token.end(), '.') == 2 && !app_id.empty()) {
        const Claims claims = check_jwt(token, app_public_key, clock_.now());
        caller.wrong = claims.wrong;
        if (caller.wrong.empty() && claims.issuer != app_id &&
            (app_client_id.empty() || claims.issuer != app_client_id))
            caller.wrong = "Integration not found";
        caller.name = "app";
        caller.is_app = true;
    } else {
        caller.wrong = "Bad credentials";
    }
    return caller;
}

const FakeInstallation* FakeAccess::installation(const std::string& repository_or_org) const {
    const bool is_org = repository_or_org.find('/') == std::string::npos;
    for (const FakeInstallation& each : installations)
        if (each.account == owner_of(repository_or_org) &&
            (is_org || each.repositories.empty() || contains(each.repositories, repository_or_org)))
            return &each;
    return nullptr;
}

const FakeInstallation* FakeAccess::installation(std::int64_t id) const {
    for (const FakeInstallation& each : installations)
        if (each.id == id) return &each;
    return nullptr;
}

std::string FakeAccess::make_token(const FakeInstallation& installation) {
    const std::string token = "ghs_" + std::to_string(++count_);
    const Time expires_at = clock_.now() + installation_token_life;
    made_[token] = {installation.id, expires_at};
    return R"({"token":")" + token + R"(","expires_at":")" + to_iso8601(expires_at) +
           R"(","permissions":{"actions":"write"},"repository_selection":"all"})";
}

bool FakeAccess::count(const Caller& caller) {
    Window& window = windows_[caller.name];
    if (window.reset <= clock_.now()) window = {0, clock_.now() + std::chrono::hours(1)};
    if (limit && window.used >= *limit) return false;
    ++window.used;
    return true;
}

void FakeAccess::uncount(const Caller& caller) {
    --windows_[caller.name].used;
}

void FakeAccess::add_limit_headers(const Caller& caller, net::Headers& headers) const {
    const auto found = windows_.find(caller.name);
    if (found == windows_.end()) return;
    const int most = limit.value_or(5000);
    const int used = found->second.used;
    const auto reset = std::chrono::ceil<std::chrono::seconds>(found->second.reset);
    headers.add("x-ratelimit-limit", std::to_string(most));
    headers.add("x-ratelimit-remaining", std::to_string(std::max(0, most - used)));
    headers.add("x-ratelimit-used", std::to_string(used));
    headers.add("x-ratelimit-reset", std::to_string(reset.time_since_epoch().count()));
    headers.add("x-ratelimit-resource", "core");
}

}  // namespace runs_agent::tests
