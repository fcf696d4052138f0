// SPDX-License-Identifier: MIT
#include "agent/setup/door.hpp"

#include "agent/setup/made_app.hpp"
#include "agent/setup/page.hpp"
#include "base/encoding.hpp"
#include "net/server/http_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace runs_agent::agent::setup {

namespace asio = boost::asio;

namespace {

constexpr std::size_t secret_path_bytes = 16;
constexpr std::size_t max_connections = 32;

net::HttpResponse page(int status, std::string html) {
    net::HttpResponse response;
    response.status = status;
    response.headers.add("Content-Type", "text/html; charset=utf-8");
    response.body = std::move(html);
    return response;
}

}  // namespace

struct Door::State {
    State(const asio::any_io_executor& executor, Wish wished, std::string told)
        : wish(std::move(wished)),
          state(std::move(told)),
          path("/" + random_hex(secret_path_bytes)),
          shown(executor, asio::steady_timer::time_point::max()) {}

    /// The browser is back: shows what came of it, once that is known.
    static asio::awaitable<net::HttpResponse> welcome(std::shared_ptr<State> self,
                                                      net::HttpRequest request) {
        const auto back = read_return(request.target);
        if (back.has_error() || !same_state(back->state, self->state)) {
            self->on_stranger();
            co_return page(403, fault_page("This address was not made by GitHub for the setup that "
                                           "runs now: its state is another. Nothing was done."));
        }
        if (!self->came) {
            self->came = true;
            self->code = back->code;
            self->on_code();
        }
        if (self->result.empty())
            co_await self->shown.async_wait(asio::as_tuple(asio::use_awaitable));
        co_return page(200, self->result);
    }

    static asio::awaitable<net::HttpResponse> answer(std::shared_ptr<State> self,
                                                     net::HttpRequest request) {
        // A name of somebody else's that was made to lead here is no way in.
        const auto host = request.headers.find("Host");
        const std::string port = self->origin.substr(self->origin.rfind(':'));
        if (!host || (*host != "127.0.0.1" + port && *host != "localhost" + port))
            co_return page(403, fault_page("This is not the address that your terminal shows."));
        const std::string asked = net::path_of(request.target).value_or("");
        if (request.method != "GET" && request.method != "HEAD")
            co_return page(405, fault_page("Only GET is understood here."));
        if (asked == self->path && !self->result.empty()) co_return page(200, self->result);
        if (asked == self->path)
            co_return page(200,
                           button_page(self->wish, manifest(self->wish, self->back), self->state));
        if (asked == "/back") {
            net::HttpResponse response = co_await welcome(self, std::move(request));
            co_return response;
        }
        co_return page(404, fault_page("There is nothing at this address; open the one that your "
                                       "terminal shows."));
    }

    Wish wish;
    std::string state;
    std::string path;
    std::string back;
    std::string origin;
    std::string code;
    bool came = false;
    std::string result;
    asio::steady_timer shown;  // never expires; being cancelled says that `result` is there
    std::function<void()> on_code;
    std::function<void()> on_stranger;
    std::unique_ptr<net::HttpServer> server;
};

Door::Door(const asio::any_io_executor& executor, Wish wish, std::string state,
           std::function<void()> on_code, std::function<void()> on_stranger)
    : state_(std::make_shared<State>(executor, std::move(wish), std::move(state))) {
    state_->on_code = std::move(on_code);
    state_->on_stranger = std::move(on_stranger);
    net::ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.max_connections = max_connections;
    options.wants_body = [](const net::HttpRequest&) { return false; };
    // The server is a part of the state: it refers to it by a pointer that does not keep it.
    const std::weak_ptr<State> weak = state_;
    state_->server = std::make_unique<net::HttpServer>(
        executor, std::move(options),
        [weak](net::HttpRequest request) -> asio::awaitable<net::HttpResponse> {
            const std::shared_ptr<State> self = weak.lock();
            if (!self) co_return net::HttpResponse{503, {}, {}, {}, {}, false};
            net::HttpResponse response = co_await State::answer(self, std::move(request));
            response.headers.set("Content-Security-Policy", content_policy(self->wish));
            response.headers.set("X-Content-Type-Options", "nosniff");
            response.headers.set("Cache-Control", "no-store");
            co_return response;
        },
        [](std::string_view) {});
}

Door::~Door() = default;

Result<void> Door::start() {
    auto started = state_->server->start();
    if (started.has_error()) return started;
    state_->origin = "http://" + state_->server->address();
    state_->back = state_->origin + "/back";
    return {};
}

std::string Door::address() const {
    return state_->origin + state_->path;
}

std::string Door::port() const {
    return state_->origin.substr(state_->origin.rfind(':') + 1);
}

std::string Door::back() const {
    return state_->back;
}

std::optional<std::string> Door::code() {
    if (state_->code.empty()) return std::nullopt;
    return std::exchange(state_->code, std::string());
}

void Door::show(std::string page) {
    state_->result = std::move(page);
    state_->shown.cancel();
}

asio::awaitable<void> Door::stop(std::chrono::milliseconds bound) {
    const auto state = state_;
    co_await state->server->stop(bound);
}

}  // namespace runs_agent::agent::setup
