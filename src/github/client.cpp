// SPDX-License-Identifier: MIT
#include "github/client.hpp"

#include "github/document.hpp"
#include "github/request.hpp"

#include <boost/asio/awaitable.hpp>

namespace runs_agent::github {

namespace asio = boost::asio;

struct GitHubClient::Call {
    std::string owner;  // a repository, an organization, or nothing for a GitHub App itself
    std::string method;
    Result<std::string> path;
    bool remember = false;
    std::size_t longest = RestRequest().longest;
};

namespace {

constexpr int unauthorized = 401;

constexpr std::size_t longest_list = 16UL * 1024 * 1024;  // of 100 workflow runs
/// A payload has 25 MiB at most, and comes with its request's and its answer's headers.
constexpr std::size_t longest_payload = 32UL * 1024 * 1024;

Result<NoValue> read_nothing(const Page& /*page*/) {
    return NoValue{};
}

/// Empty where it can be none: then no request can be made either.
std::string host_or_nothing(const std::string& api_url) {
    Result<std::string> host = host_of_api(api_url);
    return host.has_value() ? std::move(*host) : std::string();
}

std::string owner_of(const Hook& hook) {
    return hook.kind == HookTarget::app ? std::string() : hook.owner;
}

}  // namespace

GitHubClient::GitHubClient(net::HttpTransport& transport, const Clock& clock, std::string api_url,
                           Credentials& credentials)
    : rest_(transport, clock, api_url),
      credentials_(credentials),
      host_(host_or_nothing(api_url)) {}

asio::awaitable<Result<Answer<Token>>> GitHubClient::token_for(std::string owner) {
    if (!owner.empty()) co_return co_await credentials_.token_for(std::move(owner));
    Result<Token> token = credentials_.app_token();
    if (token.has_error()) co_return token.error();
    Answer<Token> answer;
    answer.status = 200;
    answer.value = std::move(*token);
    co_return answer;
}

asio::awaitable<Result<GitHubClient::PageAnswer>> GitHubClient::send(Call call) {
    if (call.path.has_error()) co_return call.path.error();
    for (bool again = false;; again = true) {
        Result<Answer<Token>> token = co_await token_for(call.owner);
        if (token.has_error()) co_return token.error();
        if (!token->ok()) {
            PageAnswer refused;
            refused.status = token->status;
            refused.message = std::move(token->message);
            refused.retry_after = token->retry_after;
            co_return refused;
        }
        RestRequest request;
        request.method = call.method;
        request.path = *call.path;
        request.remember = call.remember;
        request.longest = call.longest;
        Result<PageAnswer> answer = co_await rest_.send(std::move(request), *token->value);
        if (answer.has_error() || answer->status != unauthorized || again) co_return answer;
        // A token can end before its time: it was revoked, or the App's permissions were changed.
        if (!credentials_.forget(call.owner, token->value->text)) co_return answer;
    }
}

template <class Value>
asio::awaitable<Result<Answer<Value>>> GitHubClient::ask(Call call,
                                                         Result<Value> (*read)(const Page&)) {
    Result<PageAnswer> page = co_await send(std::move(call));
    if (page.has_error()) co_return page.error();
    Answer<Value> answer;
    answer.status = page->status;
    answer.message = std::move(page->message);
    answer.retry_after = page->retry_after;
    if (!answer.ok()) co_return answer;
    Result<Value> value = read(**page->value);
    if (value.has_error()) co_return value.error();
    answer.value = std::move(*value);
    co_return answer;
}

asio::awaitable<Result<Answer<NoValue>>> GitHubClient::cancel_workflow_run(std::string repository,
                                                                           std::int64_t run_id) {
    Call call{repository, "POST", run_path(repository, run_id, "/cancel")};
    return ask(std::move(call), &read_nothing);
}

asio::awaitable<Result<Answer<NoValue>>> GitHubClient::force_cancel_workflow_run(
    std::string repository, std::int64_t run_id) {
    Call call{repository, "POST", run_path(repository, run_id, "/force-cancel")};
    return ask(std::move(call), &read_nothing);
}

asio::awaitable<Result<Answer<WorkflowRun>>> GitHubClient::get_workflow_run(std::string repository,
                                                                            std::int64_t run_id) {
    Call call{repository, "GET", run_path(repository, run_id), true};
    return ask(std::move(call), &read_run);
}

asio::awaitable<Result<Answer<WorkflowRun>>> GitHubClient::get_workflow_run_attempt(
    std::string repository, std::int64_t run_id, int attempt) {
    Call call{repository, "GET",
              run_path(repository, run_id, "/attempts/" + std::to_string(attempt))};
    return ask(std::move(call), &read_run);
}

asio::awaitable<Result<Answer<WorkflowRuns>>> GitHubClient::list_workflow_runs(
    ListWorkflowRuns query) {
    Call call{query.repository, "GET", runs_path(query), true, longest_list};
    return ask(std::move(call), &read_runs);
}

asio::awaitable<Result<Answer<Repository>>> GitHubClient::get_repository(std::string repository) {
    Call call{repository, "GET", repository_path(repository), true};
    return ask(std::move(call), &read_repository);
}

asio::awaitable<Result<Answer<Workflow>>> GitHubClient::get_workflow(std::string repository,
                                                                     std::int64_t workflow_id) {
    Call call{repository, "GET", workflow_path(repository, workflow_id), true};
    return ask(std::move(call), &read_workflow);
}

asio::awaitable<Result<Answer<DeliveryLog>>> GitHubClient::list_deliveries(Hook hook,
                                                                           std::string cursor) {
    Call call{owner_of(hook), "GET", deliveries_path(hook, cursor), true, longest_list};
    return ask(std::move(call), &read_deliveries);
}

asio::awaitable<Result<Answer<LoggedPayload>>> GitHubClient::get_delivery(
    Hook hook, std::int64_t delivery_id) {
    // What was sent never changes, and is asked for once.
    Call call{owner_of(hook), "GET", delivery_path(hook, delivery_id), false, longest_payload};
    return ask(std::move(call), &read_payload);
}

}  // namespace runs_agent::github
