// SPDX-License-Identifier: MIT
// The Runs API over HTTP.
#pragma once

#include "base/awaitable.hpp"
#include "base/clock.hpp"
#include "net/client/http_client.hpp"
#include "runs_api/runs_api.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace runs_agent::runs_api {

/// The most bytes that are taken of an answer; 0: as many as the transport takes of any.
struct AnswerLimits {
    std::size_t usual = 0;  // of what was done, of projects, of a failure
    std::size_t list = 0;   // of a page of runs
    std::size_t run = 0;    // of a whole run, with all its specs

    /// For a process that lives long and has much under way side by side. A spec of a run takes 0.6
    /// to 1.6 KB (the latter with two signed addresses of screenshots), so that 32 MiB hold a run
    /// of 20,000 at least; a page of 100 runs without their specs takes 0.1 to 1 MiB, by what their
    /// commits' messages are.
    static constexpr AnswerLimits careful() {
        constexpr std::size_t mebibyte = 1024UL * 1024;
        return {mebibyte, 8 * mebibyte, 32 * mebibyte};
    }
};

class RunsApiClient final : public RunsApi {
public:
    /// `base_url` like https://api.currents.dev/v1. `key` is asked before each request, so that a
    /// mounted secret can be mended while the daemon runs; it may answer with an error,
    /// which ends the call with Errc::refused. An answer beyond its limit is Errc::too_large. Of
    /// whole runs that are longer than a usual answer only one is read at a time.
    RunsApiClient(net::HttpTransport& transport, const Clock& clock, std::string base_url,
                  std::function<Result<std::string>()> key, AnswerLimits limits = {});
    ~RunsApiClient() override;

    Awaitable<Result<Answer>> get_run(std::string run_id) override;
    Awaitable<Result<Answer>> get_instance(std::string instance_id) override;
    Awaitable<Result<Answer>> find_run(FindRun query) override;
    Awaitable<Result<Answer>> cancel_run(std::string run_id) override;
    Awaitable<Result<Answer>> cancel_github_ci(CancelGithubCi request) override;
    Awaitable<Result<Answer>> reset_run(std::string run_id, ResetRun request) override;
    Awaitable<Result<Answer>> delete_run(std::string run_id) override;
    Awaitable<Result<Answer>> list_runs(ListRuns query) override;
    Awaitable<Result<Answer>> list_projects(ListProjects query) override;

private:
    class Turn;
    struct Reading;

    Awaitable<Result<Answer>> call(std::string method, Result<std::string> path,
                                   Result<std::string> body, std::size_t limit);
    Awaitable<Result<Answer>> usual(std::string method, Result<std::string> path,
                                    Result<std::string> body);
    Awaitable<Result<Answer>> whole_run(Result<std::string> path);

    net::HttpTransport& transport_;
    const Clock& clock_;
    std::string base_url_;
    std::function<Result<std::string>()> key_;
    AnswerLimits limits_;
    std::shared_ptr<Reading> reading_;
};

}  // namespace runs_agent::runs_api
