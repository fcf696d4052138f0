// SPDX-License-Identifier: MIT
#include "tests/github/fake_routes.hpp"

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"

#include <algorithm>

namespace runs_agent::tests {

namespace {

constexpr std::size_t search_cap = 1000;

net::HttpResponse not_found() {
    return failure(404, "Not Found");
}

std::int64_t number(std::string_view text, std::int64_t otherwise = -1) {
    return parse_number<std::int64_t>(text).value_or(otherwise);
}

std::int64_t number(const net::Parameters& query, std::string_view name, std::int64_t otherwise) {
    const auto value = net::find(query, name);
    return value ? number(*value, otherwise) : otherwise;
}

std::size_t page_size(const net::Parameters& query) {
    return static_cast<std::size_t>(
        std::clamp<std::int64_t>(number(query, "per_page", 30), 1, 100));
}

std::vector<std::string> segments_of(const std::string& path) {
    std::vector<std::string> segments;
    for (std::size_t at = 1; at <= path.size();) {
        const auto end = std::min(path.find('/', at), path.size());
        segments.push_back(path.substr(at, end - at));
        at = end + 1;
    }
    return segments;
}

/// `>=T`, `>T`, `<=T`, `<T`, `T..T`.
bool was_created(Time time, std::string_view filter) {
    const auto at = [](std::string_view text) { return parse_iso8601(text).value_or(Time()); };
    const auto dots = filter.find("..");
    if (dots != std::string_view::npos)
        return time >= at(filter.substr(0, dots)) && time <= at(filter.substr(dots + 2));
    if (filter.starts_with(">=")) return time >= at(filter.substr(2));
    if (filter.starts_with("<=")) return time <= at(filter.substr(2));
    if (filter.starts_with(">")) return time > at(filter.substr(1));
    if (filter.starts_with("<")) return time < at(filter.substr(1));
    return time == at(filter);
}

std::string listed(const std::vector<std::string>& items) {
    std::string text = "[";
    for (const std::string& item : items) text += (text.size() > 1 ? "," : "") + item;
    return text + "]";
}

}  // namespace

net::HttpResponse failure(int status, const std::string& message) {
    return net::json_response(status, failure_json(status, message));
}

std::string FakeRoutes::log_path(const github::Hook& hook) {
    switch (hook.kind) {
        case github::HookTarget::repository:
            return "/repos/" + hook.owner + "/hooks/" + hook.id + "/deliveries";
        case github::HookTarget::organization:
            return "/orgs/" + hook.owner + "/hooks/" + hook.id + "/deliveries";
        case github::HookTarget::app:
            return "/app/hook/deliveries";
    }
    return {};
}

net::HttpResponse FakeRoutes::answer(const net::HttpRequest& request) {
    const Caller caller = access.caller_of(request);
    if (!caller.wrong.empty()) return failure(401, caller.wrong);
    net::HttpResponse response;
    if (access.count(caller)) {
        Asked asked;
        asked.method = request.method;
        asked.without_query = net::path_of(request.target).value_or("");
        asked.path = segments_of(asked.without_query);
        asked.query = net::query_of(request.target);
        response = route(asked, caller);
        if (request.method == "GET" && response.status == 200) {
            const std::string etag = "W/\"" + to_hex(sha256(response.body)) + "\"";
            response.headers.add("ETag", etag);
            if (request.headers.find("If-None-Match") == etag) {
                access.uncount(caller);
                response.status = 304;
                response.body.clear();
            }
        }
    } else {
        response = failure(403, "API rate limit exceeded for " + caller.name + ".");
    }
    access.add_limit_headers(caller, response.headers);
    return response;
}

net::HttpResponse FakeRoutes::route(const Asked& asked, const Caller& caller) {
    const auto& path = asked.path;
    if (path.empty()) return not_found();
    const bool is_installation = path.back() == "installation";
    if (path[0] == "app" || is_installation) {
        if (!caller.is_app) return failure(401, "A JSON web token could not be decoded");
        return route_app(asked, caller);
    }
    if (path[0] == "repos" && path.size() >= 3) return route_repository(asked, caller);
    if (path[0] == "orgs" && path.size() >= 5 && path[2] == "hooks") {
        const bool outside = !caller.account.empty() && caller.account != path[1];
        return caller.is_app || outside || !caller.grant.hooks ? not_found() : log(asked, 5);
    }
    return not_found();
}

net::HttpResponse FakeRoutes::route_app(const Asked& asked, const Caller& /*caller*/) {
    const auto& path = asked.path;
    if (path.back() == "installation" && asked.method == "GET") {
        const auto* const found = access.installation(
            path[0] == "repos" && path.size() == 4 ? path[1] + "/" + path[2] : path[1]);
        if (found == nullptr) return not_found();
        return net::json_response(200, R"({"id":)" + std::to_string(found->id) +
                                           R"(,"account":{"login":")" + found->account + "\"}}");
    }
    if (path.size() == 4 && path[1] == "installations" && path[3] == "access_tokens" &&
        asked.method == "POST") {
        const auto* const found = access.installation(number(path[2]));
        if (found == nullptr) return not_found();
        return net::json_response(201, access.make_token(*found));
    }
    if (path.size() >= 3 && path[1] == "hook" && path[2] == "deliveries") return log(asked, 3);
    return not_found();
}

net::HttpResponse FakeRoutes::route_repository(const Asked& asked, const Caller& caller) {
    const auto& path = asked.path;
    const std::string name = path[1] + "/" + path[2];
    if (const auto to = moved.find(name); to != moved.end() && caller.sees(to->second)) {
        net::HttpResponse response = failure(301, "Moved Permanently");
        const auto id = repositories.at(to->second).id;
        response.headers.add("Location", api_url + "/repositories/" + std::to_string(id));
        return response;
    }
    const auto found = repositories.find(name);
    if (found == repositories.end() || !caller.sees(name)) return not_found();
    if (path.size() == 3 && asked.method == "GET")
        return net::json_response(200, to_json(found->second));
    if (path.size() >= 6 && path[3] == "hooks" && path[5] == "deliveries")
        return caller.grant.hooks ? log(asked, 6) : not_found();
    if (path.size() < 5 || path[3] != "actions") return not_found();
    if (!caller.grant.sees_actions) return failure(403, "Resource not accessible by integration");
    const bool of_workflow = path.size() == 7 && path[4] == "workflows" && path[6] == "runs";
    if (of_workflow && asked.method == "GET")
        return list_runs(asked, found->second, number(path[5]));
    if (path[4] == "workflows" && path.size() == 6 && asked.method == "GET")
        return workflow(found->second, number(path[5]));
    if (path[4] != "runs") return not_found();
    if (path.size() == 5 && asked.method == "GET") return list_runs(asked, found->second, 0);
    return path.size() > 5 ? run(asked, caller, found->second) : not_found();
}

net::HttpResponse FakeRoutes::workflow(const FakeRepository& repository, std::int64_t id) {
    for (const auto& [run_id, attempts] : repository.runs) {
        const FakeRun& run = attempts.back();
        if (run.workflow_id != id) continue;
        return net::json_response(200, R"({"id":)" + std::to_string(id) + R"(,"name":")" +
                                           run.workflow + R"(","path":".github/workflows/)" +
                                           run.workflow + R"(.yml","state":"active"})");
    }
    return not_found();
}

net::HttpResponse FakeRoutes::list_runs(const Asked& asked, const FakeRepository& repository,
                                        std::int64_t workflow_id) const {
    const auto created = net::find(asked.query, "created");
    const auto status = net::find(asked.query, "status");
    const auto branch = net::find(asked.query, "branch");
    const auto event = net::find(asked.query, "event");
    std::vector<const FakeRun*> runs;
    bool is_known = workflow_id == 0;  // a workflow is there once it has run
    for (const auto& [id, attempts] : repository.runs) {
        const FakeRun& last = attempts.back();
        if (workflow_id != 0 && last.workflow_id != workflow_id) continue;
        is_known = true;
        if ((branch && *branch != last.branch) || (event && *event != last.event)) continue;
        if (created && !was_created(last.created_at, *created)) continue;
        // It may be a conclusion as well.
        if (status && *status != last.status && *status != last.conclusion) continue;
        runs.push_back(&last);
    }
    if (!is_known) return not_found();
    std::sort(runs.begin(), runs.end(), [](const FakeRun* a, const FakeRun* b) {
        return std::pair(a->created_at, a->id) > std::pair(b->created_at, b->id);
    });
    const bool searched = created || status || branch || event;
    if (searched && runs.size() > search_cap) runs.resize(search_cap);

    const std::size_t size = page_size(asked.query);
    const auto page =
        static_cast<std::size_t>(std::max<std::int64_t>(1, number(asked.query, "page", 1)));
    std::vector<std::string> items;
    for (std::size_t i = (page - 1) * size; i < std::min(runs.size(), page * size); ++i)
        items.push_back(to_json(repository, *runs[i]));
    net::HttpResponse response =
        net::json_response(200, R"({"total_count":)" + std::to_string(runs.size()) +
                                    R"(,"workflow_runs":)" + listed(items) + "}");
    std::string links;
    const std::size_t last = (runs.size() + size - 1) / size;
    if (page > 1)
        links = link(asked, "page", std::to_string(page - 1), "prev") + ", " +
                link(asked, "page", "1", "first");
    if (page < last)
        links += (links.empty() ? "" : ", ") +
                 link(asked, "page", std::to_string(page + 1), "next") + ", " +
                 link(asked, "page", std::to_string(last), "last");
    if (!links.empty()) response.headers.add("Link", links);
    return response;
}

net::HttpResponse FakeRoutes::run(const Asked& asked, const Caller& caller,
                                  FakeRepository& repository) {
    const auto& path = asked.path;
    const auto found = repository.runs.find(number(path[5]));
    if (found == repository.runs.end()) return not_found();
    auto& attempts = found->second;
    if (asked.method == "GET" && path.size() == 6)
        return net::json_response(200, to_json(repository, attempts.back()));
    if (asked.method == "GET" && path.size() == 8 && path[6] == "attempts") {
        for (const FakeRun& attempt : attempts)
            if (attempt.attempt == number(path[7]))
                return net::json_response(200, to_json(repository, attempt));
        return not_found();
    }
    const bool force = path.size() == 7 && path[6] == "force-cancel";
    const bool is_cancel = force || (path.size() == 7 && path[6] == "cancel");
    if (asked.method != "POST" || !is_cancel) return not_found();
    if (!caller.grant.actions)
        return failure(403, "Resource not accessible by personal access token");
    return cancel(attempts, force);
}

net::HttpResponse FakeRoutes::cancel(std::vector<FakeRun>& attempts, bool force) const {
    FakeRun& run = attempts.back();
    if (run.status == "completed")
        return failure(409, "Cannot cancel a workflow run that is completed.");
    if (!run.is_stuck || force) {
        run.status = "completed";
        run.conclusion = "cancelled";
        run.updated_at = clock_.now();
    }
    return net::json_response(202, "{}");
}

/// A hook's log, its entries and their repetition; the log's own path has so many `segments`.
net::HttpResponse FakeRoutes::log(const Asked& asked, std::size_t segments) {
    const auto& path = asked.path;
    std::string own;
    for (std::size_t i = 0; i < segments; ++i) own += "/" + path[i];
    const auto found = hook_logs.find(own);
    if (found == hook_logs.end()) return not_found();
    auto& deliveries = found->second;
    if (path.size() == segments)
        return asked.method == "GET" ? list_deliveries(asked, deliveries) : not_found();
    const std::int64_t id = number(path[segments]);
    const auto delivery = std::find_if(deliveries.begin(), deliveries.end(),
                                       [&](const FakeDelivery& each) { return each.id == id; });
    if (delivery == deliveries.end()) return not_found();
    if (path.size() == segments + 1 && asked.method == "GET")
        return net::json_response(200, to_json(*delivery, true));
    if (path.size() != segments + 2 || path.back() != "attempts" || asked.method != "POST")
        return not_found();
    FakeDelivery again = *delivery;
    again.id = ++last_id;
    again.redelivery = true;
    again.delivered_at = clock_.now();
    again.status_code = on_redelivery ? on_redelivery(again) : 202;
    deliveries.push_back(std::move(again));
    return net::json_response(202, "{}");
}

net::HttpResponse FakeRoutes::list_deliveries(const Asked& asked,
                                              const std::vector<FakeDelivery>& deliveries) const {
    constexpr std::string_view mark = "v1_";
    const auto cursor = net::find(asked.query, "cursor");
    if (cursor && !cursor->starts_with(mark)) return failure(422, "Invalid cursor");
    const std::size_t size = page_size(asked.query);
    // The newest first, from behind the last of the page before.
    auto next = deliveries.rbegin();
    if (cursor) {
        const std::int64_t last = number(cursor->substr(mark.size()));
        next = std::find_if(next, deliveries.rend(),
                            [&](const FakeDelivery& each) { return each.id == last; });
        if (next == deliveries.rend()) return failure(422, "Invalid cursor");
        ++next;
    }
    std::vector<std::string> items;
    std::int64_t last = 0;
    for (; next != deliveries.rend() && items.size() < size; ++next) {
        items.push_back(to_json(*next, false));
        last = next->id;
    }
    net::HttpResponse response = net::json_response(200, listed(items));
    if (next != deliveries.rend())
        response.headers.add(
            "Link", link(asked, "cursor", std::string(mark) + std::to_string(last), "next"));
    return response;
}

/// The URL that was asked for, with one parameter changed, as a member of a Link header.
std::string FakeRoutes::link(const Asked& asked, const std::string& name, const std::string& value,
                             const std::string& relation) const {
    std::string url = "<" + api_url + asked.without_query + "?";
    for (const auto& [key, old] : asked.query)
        if (key != name) url += net::percent_encode(key) + "=" + net::percent_encode(old) + "&";
    return url + name + "=" + net::percent_encode(value) + ">; rel=\"" + relation + "\"";
}

}  // namespace runs_agent::tests
