// SPDX-License-Identifier: MIT
#include "runs_server/answers/answers.hpp"
#include "runs_server/caching/cache.hpp"
#include "runs_server/cypress/announce.hpp"
#include "runs_server/cypress/next_specs.hpp"
#include "runs_server/cypress/report.hpp"
#include "runs_server/http/routes.hpp"
#include "runs_server/orchestrating/orchestration.hpp"
#include "runs_server/reporting/start_run.hpp"
#include "runs_server/reporting/test_record.hpp"
#include "runs_server/reporting/upload.hpp"
#include "runs_server/runs/reset.hpp"
#include "runs_server/setup/projects.hpp"

#include <array>

namespace runs_agent::runs_server {

using net::HttpResponse;

namespace {

/// Rules by which a project's tests are skipped, quarantined or tagged: there are none here.
HttpResponse project_rules(RoutedRequest& call) {
    if (!project_exists(call.database, call.ids[0])) return failed(404, "Project not found");
    return net::json_response(200, R"({"rules":[]})");
}

HttpResponse next_specs_for(RoutedRequest& call, CypressDialect dialect) {
    return next_specs(call.database, call.ids[0], call.body, dialect,
                      cypress_client_of(call.headers).attempt, call.now);
}

constexpr std::array routes{
    Route{"POST", "/runs/v1", Access::record_key,
          [](RoutedRequest& call) {
              return start_run(call.database, *call.announced, reporter_of(call.headers), call.urls,
                               call.now);
          },
          nullptr, "fullTestSuite"},
    Route{"POST", "/runs/{runId}/pw/instances/v1", Access::reporter,
          [](RoutedRequest& call) {
              return begin_spec(call.database, call.ids[0], call.body, call.now);
          }},
    Route{"POST", "/test-record", Access::reporter,
          [](RoutedRequest& call) {
              return add_record(call.database, std::move(call.body),
                                reporter_of(call.headers).attempt, call.log, call.now);
          }},
    Route{"PUT", "/test-record/{recordId}", Access::reporter,
          [](RoutedRequest& call) {
              return change_record(call.database, call.ids[0], std::move(call.body), call.log,
                                   call.now);
          }},
    Route{"POST", "/artifacts/test-record/{recordId}", Access::reporter,
          [](RoutedRequest& call) {
              return upload_for_record(call.database, call.ids[0], call.body, call.urls, call.now);
          }},
    Route{"POST", "/artifacts/instance/{instanceId}", Access::reporter,
          [](RoutedRequest& call) {
              return upload_for_spec(call.database, call.ids[0],
                                     reporter_of(call.headers).machine_id, call.body, call.urls,
                                     call.now);
          }},
    Route{"POST", "/orchestration-v1", Access::record_key,
          [](RoutedRequest& call) {
              return start_orchestration(call.database, *call.announced, reporter_of(call.headers),
                                         call.now);
          },
          nullptr, "suite"},
    Route{"POST", "/orchestration-v1/{orchestrationId}/task", Access::reporter,
          [](RoutedRequest& call) { return next_task(call.database, call.ids[0], call.now); },
          [](RoutedRequest& call, std::int64_t answer) {
              return still_has_batch(call.database, call.ids[0], answer, call.now);
          }},
    Route{"PUT", "/runs/v1/{runId}/reset", Access::reporter,
          [](RoutedRequest& call) {
              return reset_by_reporter(call.database, call.ids[0], call.body, call.log, call.now);
          }},
    Route{"GET", "/rules/project/{projectId}", Access::reporter, project_rules},
    Route{"POST", "/runs/debug-logs", Access::reporter,
          [](RoutedRequest& call) {
              return make_debug_log(call.database, call.body, call.urls, call.now);
          }},
    Route{"POST", "/runs", Access::record_key,
          [](RoutedRequest& call) {
              return announce_cypress(call.database, std::move(call.body),
                                      cypress_client_of(call.headers), call.urls, call.now);
          }},
    Route{"POST", "/runs/{runId}/instances", Access::run_id,
          [](RoutedRequest& call) { return next_specs_for(call, CypressDialect::one_by_one); }},
    Route{"POST", "/runs/{runId}/cy/instances", Access::run_id,
          [](RoutedRequest& call) { return next_specs_for(call, CypressDialect::batches); }},
    Route{"POST", "/instances/{instanceId}/tests", Access::run_id,
          [](RoutedRequest& call) {
              return take_cypress_tests(call.database, call.ids[0], std::move(call.body));
          }},
    Route{"POST", "/instances/{instanceId}/results", Access::run_id,
          [](RoutedRequest& call) {
              return take_cypress_results(call.database, call.ids[0], std::move(call.body), false,
                                          call.urls, call.log, call.now);
          }},
    Route{"POST", "/instances/{instanceId}/cy/results", Access::run_id,
          [](RoutedRequest& call) {
              return take_cypress_results(call.database, call.ids[0], std::move(call.body), true,
                                          call.urls, call.log, call.now);
          }},
    Route{"PUT", "/instances/{instanceId}/stdout", Access::run_id,
          [](RoutedRequest& call) {
              return take_cypress_stdout(call.database, call.ids[0], std::move(call.body), call.log,
                                         call.now);
          }},
    Route{"POST", "/cache/upload", Access::record_key,
          [](RoutedRequest& call) {
              return make_cache(call.database, call.body, call.urls, call.now);
          }},
    Route{"POST", "/cache/meta", Access::record_key,
          [](RoutedRequest& call) {
              return find_cache(call.database, call.body, call.urls, call.now);
          }},
    Route{"POST", "/cache/v2/download", Access::record_key,
          [](RoutedRequest& call) {
              return cache_to_read(call.database, call.body, call.urls, call.now);
          }},
};

}  // namespace

Match match_director(std::string_view method, std::string_view path) {
    return match_in(routes, method, path);
}

}  // namespace runs_agent::runs_server
