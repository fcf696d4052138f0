// SPDX-License-Identifier: MIT
#include "runs_server/recording/pull_request.hpp"

#include "base/text.hpp"
#include "runs_server/answers/json_text.hpp"

namespace runs_agent::runs_server {

using rapidjson::Value;

namespace {

bool is_number(std::string_view text) {
    return all_digits(text) && text.size() <= 18;
}

/// `text` from its last `mark` on, up to the next slash; empty where that is no number.
std::string_view number_after(std::string_view text, std::string_view mark) {
    const auto found = text.rfind(mark);
    if (found == std::string_view::npos) return {};
    const std::string_view rest = text.substr(found + mark.size());
    const std::string_view number = rest.substr(0, rest.find('/'));
    return is_number(number) ? number : std::string_view();
}

std::string id_of(std::string_view place, std::string_view number) {
    return "github:" + std::string(place) + "#" + std::string(number);
}

/// Empty where there is none.
std::string_view without_scheme(std::string_view url) {
    const auto scheme = url.find("://");
    return scheme == std::string_view::npos ? std::string_view() : url.substr(scheme + 3);
}

/// "github.com/octo/shop" of "https://github.com/octo/shop/pull/12".
std::string_view repository_of(std::string_view page) {
    const std::string_view path = without_scheme(page);
    return path.substr(0, path.rfind("/pull/"));
}

std::string_view bare(std::string_view id) {
    const auto mark = id.rfind('#');
    return mark == std::string_view::npos ? id : id.substr(mark + 1);
}

}  // namespace

std::string pull_request_of(const Value* params, const Value* commit) {
    const Value* const event = member(commit, "ghaEventData");
    const std::string page = text(event, "htmlUrl");
    if (const auto number = number_after(page, "/pull/"); !number.empty()) {
        const std::string_view repository = repository_of(page);
        return repository.empty() ? std::string(number) : id_of(repository, number);
    }
    const std::string issue = text(event, "issueUrl");
    const std::string ref = text(params, "githubRef");
    std::string_view number = number_after(issue, "/issues/");
    // A branch may be called fix/pull/12.
    constexpr std::string_view of_pull_requests = "refs/pull/";
    if (number.empty() && ref.starts_with(of_pull_requests))
        number = number_after(ref, of_pull_requests);
    const std::string repository = text(params, "githubRepository");
    if (number.empty() || repository.empty()) return std::string(number);
    const std::string server = text(params, "githubServerUrl");
    const std::string_view host = server.empty() ? "github.com" : without_scheme(server);
    return id_of(std::string(host) + "/" + repository, number);
}

bool is_pull_request(std::string_view asked, std::string_view id) {
    if (id.empty()) return false;
    // Runs that were recorded by an older version know the number alone.
    return asked == id || ((is_number(asked) || is_number(id)) && bare(asked) == bare(id));
}

}  // namespace runs_agent::runs_server
