// SPDX-License-Identifier: MIT
// The operations of the Runs API, as the executor and the command line use them. RunsApiClient
// (client.hpp) speaks to a real service; tests and simulations bring their own.
#pragma once

#include "base/awaitable.hpp"
#include "base/error.hpp"
#include "runs_api/meaning.hpp"
#include "runs_api/types.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace runs_agent::runs_api {

/// What the service answered, good or bad. That it answered at all is all that Result says.
struct Answer {
    int status = 0;                // HTTP
    std::optional<Document> data;  // on 2xx, where the body held one
    std::string error;             // the service's own words on anything else, at most 500 bytes
    std::optional<std::chrono::milliseconds> retry_after;

    Meaning meaning() const { return meaning_of(status, error); }
    bool ok() const { return status >= 200 && status < 300; }
};

/// Every operation runs on the caller's executor. Errors: network (an answer that is not
/// the Runs API's, too), tls, timeout, too_large; refused where there is no usable key, which may
/// be mended while the program runs; bad_input where the request breaks a documented rule. Those
/// two are not sent at all.
class RunsApi {
public:
    virtual ~RunsApi() = default;

    virtual Awaitable<Result<Answer>> get_run(std::string run_id) = 0;
    virtual Awaitable<Result<Answer>> get_instance(std::string instance_id) = 0;
    virtual Awaitable<Result<Answer>> find_run(FindRun query) = 0;
    virtual Awaitable<Result<Answer>> cancel_run(std::string run_id) = 0;
    virtual Awaitable<Result<Answer>> cancel_github_ci(CancelGithubCi request) = 0;
    virtual Awaitable<Result<Answer>> reset_run(std::string run_id, ResetRun request) = 0;
    virtual Awaitable<Result<Answer>> delete_run(std::string run_id) = 0;
    virtual Awaitable<Result<Answer>> list_runs(ListRuns query) = 0;
    virtual Awaitable<Result<Answer>> list_projects(ListProjects query) = 0;
};

}  // namespace runs_agent::runs_api
