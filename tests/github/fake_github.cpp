// SPDX-License-Identifier: MIT
#include "tests/github/fake_github.hpp"

#include "net/server/http_server.hpp"
#include "tests/github/fake_app.hpp"
#include "tests/github/fake_routes.hpp"

#include <boost/asio/awaitable.hpp>

#include <deque>
#include <optional>
#include <stdexcept>

namespace runs_agent::tests {

namespace asio = boost::asio;

struct FakeGitHub::State : std::enable_shared_from_this<State> {
    State(asio::io_context& c, const Clock& k) : context(c), clock(k), routes(k) {}

    asio::io_context& context;
    const Clock& clock;
    FakeRoutes routes;
    std::string listen = "127.0.0.1:0";
    std::optional<net::HttpServer> server;
    std::deque<std::optional<net::HttpResponse>> faults;  // absent: drop the connection
    std::vector<net::HttpRequest> requests;

    void start() {
        net::ServerOptions options;
        options.listen = listen;
        // A server must not keep itself alive by its handler.
        const std::weak_ptr<State> self = weak_from_this();
        server.emplace(
            context.get_executor(), options,
            [self](net::HttpRequest request) { return handle(self, std::move(request)); },
            [](std::string_view) {});
        const auto started = server->start();
        if (started.has_error()) throw std::runtime_error(started.error().message);
        listen = server->address();
        routes.api_url = "http://" + listen;
    }

    static asio::awaitable<net::HttpResponse> handle(std::weak_ptr<State> weak,
                                                     net::HttpRequest request) {
        const auto self = weak.lock();
        if (!self) co_return failure(503, "the fake GitHub is gone");
        self->requests.push_back(request);
        if (self->faults.empty()) co_return self->routes.answer(request);
        const auto fault = std::move(self->faults.front());
        self->faults.pop_front();
        if (fault) co_return *fault;
        // A server that ends closes its connections, this one included; the next has its address.
        self->start();
        co_return net::HttpResponse();
    }
};

FakeGitHub::FakeGitHub(asio::io_context& context, const Clock& clock)
    : state_(std::make_shared<State>(context, clock)) {
    state_->routes.on_redelivery = [this](const FakeDelivery& delivery) {
        return on_redelivery ? on_redelivery(delivery) : 202;
    };
    state_->start();
}

FakeGitHub::~FakeGitHub() = default;

std::string FakeGitHub::api_url() const {
    return state_->routes.api_url;
}

FakeAccess& FakeGitHub::access() {
    return state_->routes.access;
}

void FakeGitHub::add_app(const std::string& app_id) {
    access().app_id = app_id;
    access().app_public_key = app_keys().public_key;
}

std::int64_t FakeGitHub::install_app(const std::string& account,
                                     std::vector<std::string> repositories) {
    std::erase_if(access().installations,
                  [&](const FakeInstallation& old) { return old.account == account; });
    FakeInstallation made;
    made.id = ++state_->routes.last_id;
    made.account = account;
    made.repositories = std::move(repositories);
    access().installations.push_back(made);
    return made.id;
}

FakeRepository& FakeGitHub::add_repository(const std::string& full_name,
                                           const std::string& default_branch) {
    FakeRepository& repository = state_->routes.repositories[full_name];
    repository.id = ++state_->routes.last_id;
    repository.full_name = full_name;
    repository.default_branch = default_branch;
    return repository;
}

void FakeGitHub::rename_repository(const std::string& old_name, const std::string& new_name) {
    auto& repositories = state_->routes.repositories;
    FakeRepository repository = std::move(repositories.at(old_name));
    repository.full_name = new_name;
    repositories.erase(old_name);
    repositories[new_name] = std::move(repository);
    state_->routes.moved[old_name] = new_name;
}

void FakeGitHub::put_run(const std::string& repository, FakeRun run) {
    auto& attempts = state_->routes.repositories.at(repository).runs[run.id];
    if (run.created_at == Time())
        run.created_at = attempts.empty() ? state_->clock.now() : attempts.front().created_at;
    if (run.started_at == Time()) run.started_at = state_->clock.now();
    if (run.updated_at == Time()) run.updated_at = state_->clock.now();
    std::erase_if(attempts, [&](const FakeRun& old) { return old.attempt >= run.attempt; });
    attempts.push_back(std::move(run));
}

const FakeRun& FakeGitHub::run(const std::string& repository, std::int64_t id) const {
    return state_->routes.repositories.at(repository).runs.at(id).back();
}

std::int64_t FakeGitHub::add_delivery(const github::Hook& hook, FakeDelivery delivery) {
    if (delivery.id == 0) delivery.id = ++state_->routes.last_id;
    if (delivery.delivered_at == Time()) delivery.delivered_at = state_->clock.now();
    const std::int64_t id = delivery.id;
    state_->routes.hook_logs[FakeRoutes::log_path(hook)].push_back(std::move(delivery));
    return id;
}

const std::vector<FakeDelivery>& FakeGitHub::deliveries(const github::Hook& hook) {
    return state_->routes.hook_logs[FakeRoutes::log_path(hook)];
}

void FakeGitHub::fail_next(int times, int status, std::string message, net::Headers headers) {
    net::HttpResponse response = failure(status, message);
    for (const auto& [name, value] : headers) response.headers.add(name, value);
    for (int i = 0; i < times; ++i) state_->faults.emplace_back(response);
}

void FakeGitHub::limit_next(int times, int retry_after, int status) {
    net::Headers headers;
    if (retry_after >= 0) headers.add("Retry-After", std::to_string(retry_after));
    fail_next(times, status,
              "You have exceeded a secondary rate limit. Please wait a few minutes before you try "
              "again.",
              std::move(headers));
}

void FakeGitHub::drop_next(int times) {
    for (int i = 0; i < times; ++i) state_->faults.emplace_back(std::nullopt);
}

const std::vector<net::HttpRequest>& FakeGitHub::requests() const {
    return state_->requests;
}

std::vector<std::string> FakeGitHub::asked() const {
    std::vector<std::string> lines;
    for (const auto& request : state_->requests)
        lines.push_back(request.method + " " + request.target);
    return lines;
}

void FakeGitHub::forget_requests() {
    state_->requests.clear();
}

}  // namespace runs_agent::tests
