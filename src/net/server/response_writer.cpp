// SPDX-License-Identifier: MIT
#include "net/server/response_writer.hpp"

#include "base/time_text.hpp"

#include <boost/beast/http/status.hpp>

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

namespace {

void put_field(std::string& head, std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
}

/// Source: RFC 9110 sections 15.3.5 and 15.4.5.
bool has_content(const HttpResponse& response) {
    return response.status != 204 && response.status != 304;
}

/// Source: RFC 9112 sections 4, 5 and 9.3.
std::string head_of(const HttpResponse& response, const Answering& answering) {
    constexpr std::size_t usual = 512;
    std::string head;
    head.reserve(usual);
    head += answering.version >= 11 ? "HTTP/1.1 " : "HTTP/1.0 ";
    head += std::to_string(response.status);
    head += ' ';
    head += std::string_view(
        http::obsolete_reason(http::int_to_status(static_cast<unsigned>(response.status))));
    head += "\r\n";
    for (const auto& [name, value] : response.headers) put_field(head, name, value);
    if (answering.version >= 11 && !answering.keep_alive) put_field(head, "Connection", "close");
    if (answering.version < 11 && answering.keep_alive) put_field(head, "Connection", "keep-alive");
    if (has_content(response))
        put_field(head, "Content-Length", std::to_string(response.content().size()));
    head += "\r\n";
    return head;
}

}  // namespace

asio::awaitable<bool> write_response(Peer& peer, HttpResponse response, Answering answering,
                                     std::chrono::milliseconds patience) {
    const std::string head = head_of(response, answering);
    const std::string_view content =
        answering.head || !has_content(response) ? std::string_view() : response.content();
    peer.now(Doing::writing);
    peer.expect(patience);
    const Peer::Buffers both{asio::buffer(head), asio::buffer(content)};
    const auto failure = co_await peer.write(both);
    co_return !failure;
}

}  // namespace runs_agent::net
