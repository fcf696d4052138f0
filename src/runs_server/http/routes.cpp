// SPDX-License-Identifier: MIT
#include "runs_server/http/routes.hpp"

#include "runs_server/caching/cache.hpp"
#include "runs_server/notifying/hooks.hpp"
#include "runs_server/recording/record.hpp"
#include "runs_server/runs/cancel.hpp"
#include "runs_server/runs/delete_run.hpp"
#include "runs_server/runs/find.hpp"
#include "runs_server/runs/instance.hpp"
#include "runs_server/runs/list_runs.hpp"
#include "runs_server/runs/reset.hpp"
#include "runs_server/runs/run_json.hpp"
#include "runs_server/setup/projects.hpp"

#include <array>

namespace runs_agent::runs_server {

using net::HttpResponse;

namespace {

HttpResponse get_run(RoutedRequest& call) {
    const auto run = find_by_id(call.database, call.ids[0]);
    if (!run) return run_not_found();
    return full_run(call.database, *run, call.urls, false, call.memory, call.now);
}

/// Where several fit, the first does: /runs/find before /runs/{runId}.
constexpr std::array routes{
    Route{"POST", "/runs", Access::record_key,
          [](RoutedRequest& call) {
              return record(call.database, std::move(call.body), call.urls, call.now);
          }},
    Route{
        "POST", "/runs/cancel", Access::record_key,
        [](RoutedRequest& call) { return cancel_by_reporter(call.database, call.body, call.now); }},
    Route{"GET", "/runs/find", Access::api_key,
          [](RoutedRequest& call) {
              return find_run(call.database, call.query, call.urls, call.memory, call.now);
          }},
    Route{"PUT", "/runs/cancel-ci/github", Access::api_key,
          [](RoutedRequest& call) {
              return cancel_github_ci(call.database, call.body, call.actor, call.now);
          }},
    Route{"GET", "/runs/{runId}", Access::api_key, get_run},
    Route{"DELETE", "/runs/{runId}", Access::api_key,
          [](RoutedRequest& call) {
              return delete_run(call.database, call.ids[0], call.actor, call.now);
          }},
    Route{"PUT", "/runs/{runId}/cancel", Access::api_key,
          [](RoutedRequest& call) {
              return cancel_run(call.database, call.ids[0], call.actor, call.now);
          }},
    Route{"PUT", "/runs/{runId}/reset", Access::api_key,
          [](RoutedRequest& call) {
              return reset_run(call.database, call.ids[0], call.body, call.log, call.now);
          }},
    Route{"GET", "/projects", Access::api_key,
          [](RoutedRequest& call) { return list_projects(call.database, call.query); }},
    Route{"GET", "/projects/{projectId}", Access::api_key,
          [](RoutedRequest& call) { return get_project(call.database, call.ids[0]); }},
    Route{"GET", "/projects/{projectId}/runs", Access::api_key,
          [](RoutedRequest& call) {
              return list_runs(call.database, call.ids[0], call.query, call.now);
          }},
    Route{"GET", "/instances/{instanceId}", Access::api_key,
          [](RoutedRequest& call) {
              return get_instance(call.database, call.ids[0], call.urls, call.memory, call.now);
          }},
    Route{"PUT", "/artifacts/{artifactId}", Access::signature,
          [](RoutedRequest& call) {
              return put_artifact(call.database, call.ids[0],
                                  std::string(call.headers.find("Content-Type").value_or("")),
                                  call.body);
          }},
    Route{
        "GET", "/artifacts/{artifactId}", Access::signature,
        [](RoutedRequest& call) { return get_artifact(call.database, call.ids[0], call.memory); }},
    Route{"PUT", "/caches/{fileId}", Access::signature,
          [](RoutedRequest& call) {
              return put_cache_file(call.database, call.ids[0],
                                    std::string(call.headers.find("Content-Type").value_or("")),
                                    call.body);
          }},
    Route{"GET", "/caches/{fileId}", Access::signature,
          [](RoutedRequest& call) {
              return get_cache_file(call.database, call.ids[0], call.memory);
          }},
    Route{"GET", "/webhooks", Access::api_key,
          [](RoutedRequest& call) { return list_hooks(call.database, call.query); }},
    Route{"POST", "/webhooks", Access::api_key,
          [](RoutedRequest& call) {
              return make_hook(call.database, call.query, call.body, call.hook_targets, call.now);
          }},
    Route{"GET", "/webhooks/{hookId}", Access::api_key,
          [](RoutedRequest& call) { return get_hook(call.database, call.ids[0]); }},
    Route{"PUT", "/webhooks/{hookId}", Access::api_key,
          [](RoutedRequest& call) {
              return change_hook(call.database, call.ids[0], call.body, call.hook_targets);
          }},
    Route{"DELETE", "/webhooks/{hookId}", Access::api_key,
          [](RoutedRequest& call) { return delete_hook(call.database, call.ids[0]); }},
    Route{"GET", "/docs/openapi.json", Access::open, nullptr},
};

std::string_view next_segment(std::string_view& path) {
    path.remove_prefix(1);  // the slash
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    return segment;
}

/// Does the path fit? `ids` gets what stands for {…}.
bool fits(std::string_view pattern, std::string_view path, std::vector<std::string>& ids) {
    while (!pattern.empty() && !path.empty()) {
        const std::string_view wanted = next_segment(pattern);
        const std::string_view given = next_segment(path);
        if (wanted.starts_with('{') && !given.empty()) {
            ids.emplace_back(given);
        } else if (wanted != given) {
            return false;
        }
    }
    return pattern.empty() && path.empty();
}

}  // namespace

Match match_in(std::span<const Route> among, std::string_view method, std::string_view path) {
    if (method == "HEAD") method = "GET";
    Match found;
    if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    if (!path.starts_with('/')) return found;
    for (const Route& route : among) {
        std::vector<std::string> ids;
        if (!fits(route.path, path, ids)) continue;
        if (route.method == method) return {&route, std::move(ids), ""};
        // /runs/find fits two addresses with a GET.
        if (found.allow.find(route.method) == std::string::npos)
            found.allow += (found.allow.empty() ? "" : ", ") + std::string(route.method);
    }
    return found;
}

Match match(std::string_view method, std::string_view path) {
    return match_in(routes, method, path);
}

}  // namespace runs_agent::runs_server
