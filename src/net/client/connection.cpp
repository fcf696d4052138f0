// SPDX-License-Identifier: MIT
#include "net/client/connection.hpp"

#include "base/encoding.hpp"
#include "base/time_text.hpp"
#include "net/client/connect.hpp"
#include "net/client/tls.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <cerrno>
#include <sys/socket.h>

namespace runs_agent::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using boost::system::error_code;
using Deadline = std::chrono::steady_clock::time_point;

namespace {

constexpr auto quietly = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t max_header = 64U * 1024;
constexpr std::size_t read_room = 64UL * 1024;

using Parser = http::response_parser<http::string_body>;
using TlsStream = ssl::stream<beast::tcp_stream&>;

http::request<http::string_body> to_message(const HttpRequest& request) {
    http::request<http::string_body> message;
    message.version(11);
    message.method_string(request.method);
    message.target(request.target);
    for (const auto& [name, value] : request.headers) message.insert(name, value);
    message.body() = request.body;
    const bool expects_body =
        request.method == "PUT" || request.method == "POST" || request.method == "PATCH";
    if (!request.body.empty() || expects_body) message.content_length(request.body.size());
    return message;
}

/// Sends the request and reads the final answer into `parser`.
template <class Stream>
asio::awaitable<error_code> converse(Stream& stream, beast::flat_buffer& buffer,
                                     const HttpRequest& request, std::size_t max_answer,
                                     bool head_only, std::optional<Parser>& parser) {
    auto message = to_message(request);
    const auto [write_failure, written] = co_await http::async_write(stream, message, quietly);
    // A server may answer and close before it has read the whole request: then its answer counts.
    error_code read_failure;
    for (;;) {
        parser.emplace();
        parser->header_limit(max_header);
        parser->body_limit(max_answer);
        parser->skip(head_only || request.method == "HEAD");
        const auto [failure, count] =
            co_await http::async_read_header(stream, buffer, *parser, quietly);
        read_failure = failure;
        if (failure || parser->get().result_int() >= 200) break;  // 1xx are only announcements
    }
    if (!read_failure && !parser->is_done()) {
        const auto [failure, count] = co_await http::async_read(stream, buffer, *parser, quietly);
        read_failure = failure;
    }
    co_return read_failure&& write_failure ? write_failure : read_failure;
}

/// What is taken of the answer to a request.
std::size_t most_of(const HttpRequest& request, const ClientOptions& options) {
    if (request.max_answer == 0) return options.max_answer;
    return std::min(request.max_answer, options.max_answer);
}

std::string bytes_in_words(std::size_t bytes) {
    constexpr std::size_t mebibyte = 1024UL * 1024;
    if (bytes % mebibyte == 0) return std::to_string(bytes / mebibyte) + " MiB";
    return std::to_string(bytes) + " bytes";
}

Error too_long(const std::string& where, std::size_t limit) {
    return fail(Errc::too_large,
                "the answer of " + where + " is longer than " + bytes_in_words(limit));
}

Result<std::string> unpacked(const Parser::value_type& message, std::string body, std::size_t limit,
                             const std::string& where) {
    const auto coding = message[http::field::content_encoding];
    if (body.empty() || coding.empty() || beast::iequals(coding, "identity")) return body;
    if (!beast::iequals(coding, "gzip") && !beast::iequals(coding, "x-gzip"))
        return fail(Errc::network, where +
                                       " answered in a content encoding that was not asked for; "
                                       "only gzip is understood");
    Result<std::string> plain = gunzip(body, limit);
    if (plain.has_value()) return plain;
    if (plain.error().code == Errc::too_large) return too_long(where, limit);
    return fail(Errc::network, "the answer of " + where + ": " + plain.error().message);
}

Result<HttpResponse> to_response(Parser::value_type message, std::size_t limit,
                                 const std::string& where) {
    HttpResponse response;
    response.status = static_cast<int>(message.result_int());
    Result<std::string> body = unpacked(message, std::move(message.body()), limit, where);
    if (body.has_error()) return body.error();
    response.body = std::move(*body);
    for (const auto& field : message) {
        // These spoke of the body as it was on the wire.
        if (field.name() == http::field::content_encoding ||
            field.name() == http::field::content_length ||
            field.name() == http::field::transfer_encoding)
            continue;
        response.headers.add(std::string(field.name_string()), std::string(field.value()));
    }
    return response;
}

Error exchange_error(error_code failure, const std::string& where, const ClientOptions& options,
                     std::size_t limit) {
    if (failure == beast::error::timeout)
        return fail(Errc::timeout,
                    where + " did not answer within " + to_words(options.answer_timeout));
    if (failure == http::error::body_limit) return too_long(where, limit);
    if (failure == http::error::header_limit || failure == http::error::buffer_overflow)
        return fail(Errc::too_large, "the header of the answer of " + where + " is larger than " +
                                         std::to_string(max_header) + " bytes");
    if (failure == http::error::end_of_stream || failure == asio::error::eof)
        return fail(Errc::network, where + " closed the connection without an answer");
    if (failure == http::error::partial_message || failure == asio::ssl::error::stream_truncated)
        return fail(Errc::network, where + " closed the connection in the middle of its answer");
    if (failure.category() == make_error_code(http::error::bad_version).category())
        return fail(Errc::network,
                    where + " did not answer in valid HTTP/1.1: " + failure.message());
    return fail(Errc::network, "the connection to " + where + " failed: " + failure.message());
}

}  // namespace

std::string Destination::key() const {
    std::string text = (tls ? "https://" : "http://") + host_and_port(host, port);
    if (proxy) text += " by " + host_and_port(proxy->host, proxy->port);
    return text;
}

struct ClientConnection::Impl {
    Impl(tcp::socket socket, Destination r, std::shared_ptr<const ClientOptions> opts)
        : route(std::move(r)),
          options(std::move(opts)),
          where(host_and_port(route.host, route.port)),
          stream(std::move(socket)),
          buffer(max_header + read_room) {}

    Destination route;
    std::shared_ptr<const ClientOptions> options;
    std::string where;  // for errors
    beast::tcp_stream stream;
    std::optional<TlsStream> tls;
    beast::flat_buffer buffer;

    asio::awaitable<Result<void>> tunnel(Deadline deadline);
    asio::awaitable<Result<void>> handshake();
};

/// Asks the proxy for a way to the host (RFC 9110 section 9.3.6).
asio::awaitable<Result<void>> ClientConnection::Impl::tunnel(Deadline deadline) {
    http::request<http::empty_body> message;
    message.version(11);
    message.method(http::verb::connect);
    message.target(where);
    message.set(http::field::host, where);
    if (!options->user_agent.empty()) message.set(http::field::user_agent, options->user_agent);
    if (!route.proxy->authorization.empty())
        message.set(http::field::proxy_authorization, route.proxy->authorization);

    const std::string proxy = "the proxy " + host_and_port(route.proxy->host, route.proxy->port);
    stream.expires_at(deadline);
    const auto [write_failure, written] = co_await http::async_write(stream, message, quietly);
    error_code failure = write_failure;
    http::response_parser<http::empty_body> parser;
    parser.header_limit(max_header);
    parser.skip(true);
    if (!failure) {
        const auto [read_failure, count] =
            co_await http::async_read_header(stream, buffer, parser, quietly);
        failure = read_failure;
    }
    if (failure == beast::error::timeout)
        co_return fail(Errc::timeout, proxy + " took too long to reach " + where);
    if (failure)
        co_return fail(Errc::network, proxy + " did not open a way to " + where + ": " +
                                          failure.message() + "; check HTTPS_PROXY");
    const unsigned status = parser.get().result_int();
    if (status == 407)
        co_return fail(Errc::network, proxy + " refused the way to " + where +
                                          " (407); HTTPS_PROXY needs the right user and password");
    if (status / 100 != 2 || buffer.size() != 0)
        co_return fail(Errc::network, proxy + " refused the way to " + where + " (" +
                                          std::to_string(status) +
                                          "); allow it there, or name the host in NO_PROXY");
    co_return Result<void>();
}

asio::awaitable<Result<void>> ClientConnection::Impl::handshake() {
    tls.emplace(stream, *route.tls);
    if (!expect_host(tls->native_handle(), route.host))
        co_return fail(Errc::tls, "OpenSSL cannot verify the host name " + route.host);
    if (!options->verify) SSL_set_verify(tls->native_handle(), SSL_VERIFY_NONE, nullptr);
    stream.expires_after(options->handshake_timeout);
    const auto [failure] = co_await tls->async_handshake(ssl::stream_base::client, quietly);
    if (failure == beast::error::timeout)
        co_return fail(Errc::timeout, where + " did not finish the TLS handshake within " +
                                          to_words(options->handshake_timeout));
    if (failure) co_return handshake_error(tls->native_handle(), route.host, failure.message());
    co_return Result<void>();
}

ClientConnection::ClientConnection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ClientConnection::~ClientConnection() = default;

asio::awaitable<Result<std::unique_ptr<ClientConnection>>> ClientConnection::open(
    asio::any_io_executor executor, Destination route,
    std::shared_ptr<const ClientOptions> options) {
    const Deadline deadline = std::chrono::steady_clock::now() + options->connect_timeout;
    const std::string host = route.proxy ? route.proxy->host : route.host;
    const std::uint16_t port = route.proxy ? route.proxy->port : route.port;
    Result<tcp::socket> socket =
        co_await connect(std::move(executor), host, port, deadline, options->may_connect);
    if (socket.has_error()) {
        Error failure = std::move(socket).error();
        if (route.proxy) failure.message += " (the proxy of HTTPS_PROXY)";
        co_return failure;
    }

    auto impl = std::make_unique<Impl>(std::move(*socket), std::move(route), std::move(options));
    if (impl->route.proxy) {
        Result<void> tunnelled = co_await impl->tunnel(deadline);
        if (tunnelled.has_error()) co_return std::move(tunnelled).error();
    }
    if (impl->route.tls) {
        Result<void> encrypted = co_await impl->handshake();
        if (encrypted.has_error()) co_return std::move(encrypted).error();
    }
    std::unique_ptr<ClientConnection> connection(new ClientConnection(std::move(impl)));
    co_return std::move(connection);
}

asio::awaitable<ClientConnection::Exchange> ClientConnection::exchange(const HttpRequest& request) {
    Impl& impl = *impl_;
    const ClientOptions& options = *impl.options;
    std::optional<Parser> parser;
    error_code failure;
    const std::size_t limit = most_of(request, options);
    impl.stream.expires_after(options.answer_timeout);
    if (impl.tls)
        failure =
            co_await converse(*impl.tls, impl.buffer, request, limit, options.head_only, parser);
    else
        failure =
            co_await converse(impl.stream, impl.buffer, request, limit, options.head_only, parser);
    impl.stream.expires_never();

    if (failure) {
        Exchange failed{exchange_error(failure, impl.where, options, limit)};
        failed.unanswered = failure != beast::error::timeout &&
                            failure != asio::error::operation_aborted && !parser->got_some() &&
                            impl.buffer.size() == 0;
        co_return failed;
    }
    const bool keep_alive = parser->get().keep_alive();
    Exchange answered{to_response(parser->release(), limit, impl.where)};
    answered.can_be_kept = keep_alive && !options.head_only && impl.buffer.size() == 0;
    co_return answered;
}

bool ClientConnection::is_stale() {
    // Whatever can be read now is the end, or nothing that belongs to the next answer.
    char byte = 0;
    const auto count =
        ::recv(impl_->stream.socket().native_handle(), &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT);
    return count >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

}  // namespace runs_agent::net
