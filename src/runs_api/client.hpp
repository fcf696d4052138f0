// The Runs API over HTTP.
#pragma once

#include "base/clock.hpp"
#include "net/http_client.hpp"
#include "runs_api/runs_api.hpp"

#include <functional>
#include <string>

namespace runs_agent::runs_api {

class RunsApiClient final : public RunsApi {
public:
    /// `base_url` like https://api.currents.dev/v1. `key` is asked before each request, so that a
    /// mounted secret can be mended while the daemon runs; it may answer with an error,
    /// which ends the call with Errc::refused.
    RunsApiClient(net::HttpTransport& transport, const Clock& clock, std::string base_url,
                  std::function<Result<std::string>()> key);

    boost::asio::awaitable<Result<Answer>> get_run(std::string run_id) override;
    boost::asio::awaitable<Result<Answer>> get_instance(std::string instance_id) override;
    boost::asio::awaitable<Result<Answer>> find_run(FindRun query) override;
    boost::asio::awaitable<Result<Answer>> cancel_run(std::string run_id) override;
    boost::asio::awaitable<Result<Answer>> cancel_github_ci(CancelGithubCi request) override;
    boost::asio::awaitable<Result<Answer>> reset_run(std::string run_id, ResetRun request) override;
    boost::asio::awaitable<Result<Answer>> delete_run(std::string run_id) override;
    boost::asio::awaitable<Result<Answer>> list_runs(ListRuns query) override;
    boost::asio::awaitable<Result<Answer>> list_projects() override;

private:
    boost::asio::awaitable<Result<Answer>> call(std::string method, Result<std::string> path,
                                                Result<std::string> body);

    net::HttpTransport& transport_;
    const Clock& clock_;
    std::string base_url_;
    std::function<Result<std::string>()> key_;
};

}  // namespace runs_agent::runs_api
