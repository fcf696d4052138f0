// SPDX-License-Identifier: MIT
#include "net/client/http_client.hpp"

#include "base/text.hpp"
#include "net/client/connection.hpp"
#include "net/client/connection_pool.hpp"
#include "net/client/tls.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/context.hpp>

#include <algorithm>

namespace runs_agent::net {

namespace asio = boost::asio;

namespace {

/// A token of RFC 9110 section 5.6.2, as methods and field names are.
bool is_token(std::string_view text) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return is_letter_or_digit(c) || marks.find(c) != std::string_view::npos;
    });
}

/// A control character in a value could begin a header or a request of its own.
bool is_field_value(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
    });
}

Result<void> check(const HttpRequest& request) {
    if (!is_token(request.method))
        return fail(Errc::bad_input, "the request's method is not a word such as GET");
    for (const auto& [name, value] : request.headers) {
        if (!is_token(name))
            return fail(Errc::bad_input, "a header's name holds a character that no name may hold");
        if (!is_field_value(value))
            return fail(Errc::bad_input, "the value of the header " + name +
                                             " holds a control character, such as a line end; "
                                             "remove it");
    }
    return {};
}

/// May be sent twice with the effect of once (RFC 9110 section 9.2.2).
bool is_idempotent(std::string_view method) {
    return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE" ||
           method == "OPTIONS";
}

}  // namespace

struct HttpClient::State {
    State(asio::any_io_executor ex, ClientOptions opts)
        : executor(std::move(ex)),
          options(std::make_shared<const ClientOptions>(std::move(opts))),
          pool(executor, options->kept_per_host, options->keep_for),
          proxy(parse_proxy(options->https_proxy)) {}

    asio::any_io_executor executor;
    std::shared_ptr<const ClientOptions> options;
    ConnectionPool pool;
    Result<std::optional<Proxy>> proxy;
    std::shared_ptr<asio::ssl::context> tls;  // made for the first https request

    Result<Destination> route_to(const Url& url);
    static asio::awaitable<Result<HttpResponse>> send(std::shared_ptr<State> self,
                                                      HttpRequest request);
};

Result<Destination> HttpClient::State::route_to(const Url& url) {
    Destination route;
    route.host = url.host;
    route.port = url.port;
    if (url.scheme != "https") return route;
    if (!tls) {
        auto made = make_tls_context(options->ca_file);
        if (made.has_error()) return made.error();
        tls = std::move(*made);
    }
    route.tls = tls;
    if (bypasses_proxy(options->no_proxy, url.host, url.port)) return route;
    if (proxy.has_error()) return proxy.error();
    if (*proxy && options->may_connect)
        return fail(Errc::refused, url.host +
                                       " would be reached by the proxy of HTTPS_PROXY, whose"
                                       " choice of an address cannot be checked; name the host in"
                                       " NO_PROXY");
    route.proxy = *proxy;
    return route;
}

asio::awaitable<Result<HttpResponse>> HttpClient::State::send(std::shared_ptr<State> self,
                                                              HttpRequest request) {
    const Result<Url> url = parse_url(request.target);
    if (url.has_error()) co_return url.error();
    const Result<Destination> route = self->route_to(*url);
    if (route.has_error()) co_return route.error();

    request.target = url->target;
    request.headers.set("Host", host_field(*url));
    if (!request.headers.has("User-Agent") && !self->options->user_agent.empty())
        request.headers.add("User-Agent", self->options->user_agent);
    request.headers.set("Accept-Encoding", "gzip");
    const Result<void> valid = check(request);
    if (valid.has_error()) co_return valid.error();

    const std::string key = route->key();
    std::unique_ptr<ClientConnection> connection = self->pool.take(key);
    const bool kept = connection != nullptr;
    for (int attempt = 1;; ++attempt) {
        if (!connection) {
            auto opened = co_await ClientConnection::open(self->executor, *route, self->options);
            if (opened.has_error()) co_return std::move(opened).error();
            connection = std::move(*opened);
        }
        ClientConnection::Exchange exchange = co_await connection->exchange(request);
        if (exchange.can_be_kept) self->pool.put(key, std::move(connection));
        connection.reset();
        // The peer may close a kept connection in the very moment it is used again; that says
        // nothing of the request, which gets one fresh connection.
        const bool again =
            attempt == 1 && kept && exchange.unanswered && is_idempotent(request.method);
        if (!again) co_return std::move(exchange.response);
    }
}

HttpClient::HttpClient(asio::any_io_executor executor, ClientOptions options)
    : state_(std::make_shared<State>(std::move(executor), std::move(options))) {}

HttpClient::~HttpClient() = default;

asio::awaitable<Result<HttpResponse>> HttpClient::send(HttpRequest request) {
    return State::send(state_, std::move(request));
}

}  // namespace runs_agent::net
