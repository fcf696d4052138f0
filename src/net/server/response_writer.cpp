// SPDX-License-Identifier: MIT
#include "net/server/response_writer.hpp"

#include "base/time_text.hpp"

#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http.hpp>

namespace runs_agent::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

void add_if_missing(HttpResponse& response, std::string name, std::string value) {
    if (!response.headers.has(name)) response.headers.add(std::move(name), std::move(value));
}

}  // namespace

void complete(HttpResponse& response, std::string_view challenge, Time now) {
    add_if_missing(response, "Date", to_http_date(now));
    add_if_missing(response, "Cache-Control", "no-store");
    if (response.status == 401)
        add_if_missing(response, "WWW-Authenticate", std::string(challenge));
}

asio::awaitable<bool> write_response(Peer& peer, HttpResponse response, Answering answering,
                                     std::chrono::milliseconds patience) {
    http::response<http::span_body<const char>> message;
    message.version(answering.version);
    message.result(static_cast<unsigned>(response.status));
    for (const auto& [name, value] : response.headers) message.insert(name, value);
    message.keep_alive(answering.keep_alive);
    const std::string_view content = response.content();
    if (!answering.head) message.body() = {content.data(), content.size()};
    if (response.status != 204 && response.status != 304) message.content_length(content.size());

    peer.now(Doing::writing);
    peer.expect(patience);
    http::response_serializer<http::span_body<const char>> rest(message);
    while (!rest.is_done()) {
        if (co_await peer.write_some(rest)) co_return false;
    }
    co_return true;
}

}  // namespace runs_agent::net
