// SPDX-License-Identifier: MIT
// GitHub's REST API over HTTP.
#pragma once

#include "base/awaitable.hpp"
#include "base/clock.hpp"
#include "github/credentials.hpp"
#include "github/github.hpp"
#include "github/rest.hpp"
#include "net/client/http_client.hpp"

#include <string>

namespace runs_agent::github {

class GitHubClient final : public GitHub {
public:
    /// `api_url` is https://api.github.com, or https://HOST/api/v3 for an Enterprise Server;
    /// host_of_api() (request.hpp) says beforehand whether it can be one. `credentials` may use the
    /// same transport.
    GitHubClient(net::HttpTransport& transport, const Clock& clock, std::string api_url,
                 Credentials& credentials);

    /// As Rest::share().
    void share(LimitBoard& board) { rest_.share(board); }

    const std::string& host() const override { return host_; }
    std::string budget_of(const std::string& owner) const override {
        return credentials_.budget_of(owner);
    }

    Awaitable<Result<Answer<NoValue>>> cancel_workflow_run(std::string repository,
                                                           std::int64_t run_id) override;
    Awaitable<Result<Answer<NoValue>>> force_cancel_workflow_run(std::string repository,
                                                                 std::int64_t run_id) override;
    Awaitable<Result<Answer<WorkflowRun>>> get_workflow_run(std::string repository,
                                                            std::int64_t run_id) override;
    Awaitable<Result<Answer<WorkflowRun>>> get_workflow_run_attempt(std::string repository,
                                                                    std::int64_t run_id,
                                                                    int attempt) override;
    Awaitable<Result<Answer<WorkflowRuns>>> list_workflow_runs(ListWorkflowRuns query) override;
    Awaitable<Result<Answer<Repository>>> get_repository(std::string repository) override;
    Awaitable<Result<Answer<Workflow>>> get_workflow(std::string repository,
                                                     std::int64_t workflow_id) override;
    Awaitable<Result<Answer<DeliveryLog>>> list_deliveries(Hook hook, std::string cursor) override;
    Awaitable<Result<Answer<LoggedPayload>>> get_delivery(Hook hook,
                                                          std::int64_t delivery_id) override;

private:
    struct Call;
    using PageAnswer = Answer<std::shared_ptr<const Page>>;

    Awaitable<Result<PageAnswer>> send(Call call);
    template <class Value>
    Awaitable<Result<Answer<Value>>> ask(Call call, Result<Value> (*read)(const Page&));
    Awaitable<Result<Answer<Token>>> token_for(std::string owner);

    Rest rest_;
    Credentials& credentials_;
    std::string host_;
};

}  // namespace runs_agent::github
