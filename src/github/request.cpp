// SPDX-License-Identifier: MIT
#include "github/request.hpp"

#include "base/host_name.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "net/http_message.hpp"
#include "net/url.hpp"

#include <algorithm>

namespace runs_agent::github {

namespace {

constexpr std::size_t max_name = 100;
constexpr std::string_view page_size = "per_page=100";  // the most that GitHub gives

/// Of a login or a repository: what GitHub, its Enterprise Server, Gitea and Forgejo allow.
bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= max_name && text != "." && text != ".." &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_';
           });
}

Result<std::string> org_path(std::string_view login, std::string_view below) {
    if (!is_name(login))
        return fail(Errc::bad_input,
                    "the organization's login is not made of letters, digits, '-', '.' and '_'");
    return "/orgs/" + std::string(login) + std::string(below);
}

Result<std::string> hook_part(std::string_view id) {
    if (!all_digits(id) || id.size() > 20)
        return fail(Errc::bad_input, "the webhook's id is not a decimal number");
    return "/hooks/" + std::string(id) + "/deliveries";
}

/// Search has whole seconds: "2026-11-23T10:20:30Z".
std::string to_seconds(Time time) {
    std::string text = to_iso8601(time);
    return text.substr(0, text.find('.')) + "Z";
}

/// Source: docs.github.com, "Understanding the search syntax", dates.
std::string created_filter(const ListWorkflowRuns& query) {
    if (!query.created_since && !query.created_until) return {};
    if (!query.created_until) return ">=" + to_seconds(*query.created_since);
    if (!query.created_since) return "<=" + to_seconds(*query.created_until);
    return to_seconds(*query.created_since) + ".." + to_seconds(*query.created_until);
}

}  // namespace

Result<std::string> host_of_api(std::string_view api_url) {
    Result<net::Url> url = net::parse_url(api_url);
    if (url.has_error()) return url.error();
    url->host = host_name(url->host);  // webhooks name the same host, compared with this one
    if (url->target.find('?') != std::string::npos || api_url.find('#') != std::string_view::npos)
        return fail(Errc::bad_input,
                    "the address of GitHub's API holds a '?' or '#'; write https://api.github.com, "
                    "or https://HOST/api/v3 for an Enterprise Server");
    if (url->host == "github.com" || url->host == "www.github.com")
        return fail(Errc::bad_input,
                    "GitHub's API is not at " + url->host + "; write https://api.github.com");
    if (url->host == "api.github.com") return std::string("github.com");
    // Source: docs.github.com, "Network details for GHE.com".
    if (url->host.starts_with("api.") && url->host.ends_with(".ghe.com"))
        return url->host.substr(std::string_view("api.").size());
    return net::host_field(*url);
}

Result<std::string> repository_path(std::string_view repository, std::string_view below) {
    const auto slash = repository.find('/');
    if (slash == std::string_view::npos || !is_name(repository.substr(0, slash)) ||
        !is_name(repository.substr(slash + 1)))
        return fail(Errc::bad_input,
                    "the repository is not written OWNER/NAME, of letters, digits, '-', '.' and "
                    "'_'");
    return "/repos/" + std::string(repository) + std::string(below);
}

Result<std::string> run_path(std::string_view repository, std::int64_t run_id,
                             std::string_view operation) {
    if (run_id <= 0) return fail(Errc::bad_input, "the workflow run's id is not above 0");
    return repository_path(repository,
                           "/actions/runs/" + std::to_string(run_id) + std::string(operation));
}

Result<std::string> workflow_path(std::string_view repository, std::int64_t workflow_id) {
    if (workflow_id <= 0) return fail(Errc::bad_input, "the workflow's id is not above 0");
    return repository_path(repository, "/actions/workflows/" + std::to_string(workflow_id));
}

Result<std::string> runs_path(const ListWorkflowRuns& query) {
    if (query.page < 1) return fail(Errc::bad_input, "pages of workflow runs count from 1");
    if (query.workflow_id < 0) return fail(Errc::bad_input, "the workflow's id is below 0");
    std::string below = "/actions/";
    if (query.workflow_id > 0) below += "workflows/" + std::to_string(query.workflow_id) + "/";
    below += "runs?" + std::string(page_size);
    if (query.page > 1) below += "&page=" + std::to_string(query.page);
    const auto filter = [&below](const char* name, const std::string& value) {
        if (!value.empty()) below += std::string("&") + name + "=" + net::percent_encode(value);
    };
    filter("created", created_filter(query));
    filter("status", query.status);
    filter("branch", query.branch);
    filter("event", query.event);
    return repository_path(query.repository, below);
}

Result<std::string> deliveries_path(const Hook& hook) {
    if (hook.kind == HookTarget::app) return std::string("/app/hook/deliveries");
    const Result<std::string> below = hook_part(hook.id);
    if (below.has_error()) return below.error();
    return hook.kind == HookTarget::organization ? org_path(hook.owner, *below)
                                                 : repository_path(hook.owner, *below);
}

Result<std::string> deliveries_path(const Hook& hook, std::string_view cursor) {
    Result<std::string> path = deliveries_path(hook);
    if (path.has_error()) return path;
    *path += "?" + std::string(page_size);
    if (!cursor.empty()) *path += "&cursor=" + net::percent_encode(cursor);
    return path;
}

Result<std::string> delivery_path(const Hook& hook, std::int64_t delivery_id) {
    if (delivery_id <= 0) return fail(Errc::bad_input, "the delivery's id is not above 0");
    Result<std::string> path = deliveries_path(hook);
    if (path.has_value()) *path += "/" + std::to_string(delivery_id);
    return path;
}

Result<std::string> installation_path(std::string_view repository_or_org) {
    if (repository_or_org.find('/') == std::string_view::npos)
        return org_path(repository_or_org, "/installation");
    return repository_path(repository_or_org, "/installation");
}

Result<std::string> hooks_path(std::string_view repository_or_org) {
    // The same names as in an installation's path, and the same checks.
    Result<std::string> path = installation_path(repository_or_org);
    if (path.has_error()) return path;
    constexpr std::string_view last = "installation";
    path->replace(path->size() - last.size(), last.size(), "hooks");
    return path;
}

}  // namespace runs_agent::github
