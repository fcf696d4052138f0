// SPDX-License-Identifier: MIT
#include "runs_api/client.hpp"

#include "base/text.hpp"
#include "runs_api/document.hpp"
#include "runs_api/request.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace runs_agent::runs_api {

namespace asio = boost::asio;

namespace {

/// What is not visible ASCII is no key.
Result<void> check_key(const std::string& key) {
    if (is_visible_ascii(key)) return {};
    return fail(Errc::refused,
                "the API key is empty or holds a space, a line end or another character that no "
                "key has; set CURRENTS_API_KEY, or the file of CURRENTS_API_KEY_FILE, anew");
}

}  // namespace

/// The long run that is read just now, if any: its timer never expires, being cancelled is its end.
struct RunsApiClient::Reading {
    std::shared_ptr<asio::steady_timer> done;
};

/// Keeps others waiting while it lives.
class RunsApiClient::Turn {
public:
    static asio::awaitable<std::unique_ptr<Turn>> take(std::shared_ptr<Reading> reading) {
        while (const std::shared_ptr<asio::steady_timer> other = reading->done)
            co_await other->async_wait(asio::as_tuple(asio::use_awaitable));
        const asio::any_io_executor executor = co_await asio::this_coro::executor;
        reading->done =
            std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
        co_return std::make_unique<Turn>(std::move(reading));
    }

    explicit Turn(std::shared_ptr<Reading> reading) : reading_(std::move(reading)) {}
    ~Turn() {
        reading_->done->cancel();
        reading_->done.reset();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

private:
    std::shared_ptr<Reading> reading_;
};

RunsApiClient::RunsApiClient(net::HttpTransport& transport, const Clock& clock,
                             std::string base_url, std::function<Result<std::string>()> key,
                             AnswerLimits limits)
    : transport_(transport),
      clock_(clock),
      base_url_(std::move(base_url)),
      key_(std::move(key)),
      limits_(limits),
      reading_(std::make_shared<Reading>()) {
    while (!base_url_.empty() && base_url_.back() == '/') base_url_.pop_back();
}

asio::awaitable<Result<Answer>> RunsApiClient::call(std::string method, Result<std::string> path,
                                                    Result<std::string> body, std::size_t limit) {
    if (path.has_error()) co_return std::move(path).error();
    if (body.has_error()) co_return std::move(body).error();
    const Result<std::string> key = key_();
    // Refused, not bad_input: no request is to blame, and the key may be mended at any time.
    if (key.has_error()) co_return fail(Errc::refused, key.error().message);
    if (const auto valid = check_key(*key); valid.has_error()) co_return valid.error();

    net::HttpRequest request;
    request.method = std::move(method);
    request.target = base_url_ + *path;
    request.headers.add("Authorization", "Bearer " + *key);
    request.headers.add("Accept", "application/json");
    if (!body->empty()) request.headers.add("Content-Type", "application/json");
    request.body = std::move(*body);
    request.max_answer = limit;
    Result<net::HttpResponse> response = co_await transport_.send(std::move(request));
    if (response.has_error()) co_return std::move(response).error();
    co_return read_answer(std::move(*response), *key, clock_.now(), "CURRENTS_API_URL");
}

asio::awaitable<Result<Answer>> RunsApiClient::usual(std::string method, Result<std::string> path,
                                                     Result<std::string> body) {
    return call(std::move(method), std::move(path), std::move(body), limits_.usual);
}

RunsApiClient::~RunsApiClient() = default;

/// Nearly every run is short enough for a usual answer. Of the others many at once would fill the
/// memory, though each may be read.
asio::awaitable<Result<Answer>> RunsApiClient::whole_run(Result<std::string> path) {
    Result<Answer> answer = co_await call("GET", path, std::string(), limits_.usual);
    const bool longer =
        answer.has_error() && answer.error().code == Errc::too_large && limits_.run > limits_.usual;
    if (!longer) co_return answer;
    const std::unique_ptr<Turn> turn = co_await Turn::take(reading_);
    co_return co_await call("GET", std::move(path), std::string(), limits_.run);
}

asio::awaitable<Result<Answer>> RunsApiClient::get_run(std::string run_id) {
    return whole_run(run_path(run_id));
}

asio::awaitable<Result<Answer>> RunsApiClient::get_instance(std::string instance_id) {
    return whole_run(instance_path(instance_id));
}

asio::awaitable<Result<Answer>> RunsApiClient::find_run(FindRun query) {
    return whole_run(find_path(query));
}

asio::awaitable<Result<Answer>> RunsApiClient::cancel_run(std::string run_id) {
    return usual("PUT", run_path(run_id, "/cancel"), std::string());
}

asio::awaitable<Result<Answer>> RunsApiClient::cancel_github_ci(CancelGithubCi request) {
    return usual("PUT", std::string("/runs/cancel-ci/github"), cancel_ci_body(request));
}

asio::awaitable<Result<Answer>> RunsApiClient::reset_run(std::string run_id, ResetRun request) {
    return usual("PUT", run_path(run_id, "/reset"), reset_body(request));
}

asio::awaitable<Result<Answer>> RunsApiClient::delete_run(std::string run_id) {
    return usual("DELETE", run_path(run_id), std::string());
}

asio::awaitable<Result<Answer>> RunsApiClient::list_runs(ListRuns query) {
    return call("GET", list_path(query), std::string(), limits_.list);
}

asio::awaitable<Result<Answer>> RunsApiClient::list_projects(ListProjects query) {
    return usual("GET", projects_path(query), std::string());
}

}  // namespace runs_agent::runs_api
