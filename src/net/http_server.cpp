#include "net/http_server.hpp"

#include "net/listen_address.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <list>

namespace runs_agent::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

/// Bodies up to this are never refused for want of room: deliveries are a tenth of it.
constexpr std::size_t small_body = 256UL * 1024;

/// Where a request ends must be the same to us and to any proxy before us, or one could hide a
/// second one in its body. Returns what is wrong. Source: RFC 9112 sections 3.2, 6.1 and 6.3.
const char* ambiguity(const http::request_parser<http::string_body>& parser) {
    const auto& head = parser.get();
    const bool coded = head.count(http::field::transfer_encoding) > 0;
    if (coded && (!parser.chunked() || head.version() < 11))
        return "the Transfer-Encoding must be chunked, with HTTP/1.1";
    if (coded && head.count(http::field::content_length) > 0)
        return "a request has either Transfer-Encoding or Content-Length";
    if (head.version() >= 11 && head.count(http::field::host) != 1) return "a request has one Host";
    return nullptr;
}

struct Connection {
    explicit Connection(tcp::socket socket) : stream(std::move(socket)) {}

    beast::tcp_stream stream;
    bool busy = false;  // between the first byte of a request and the last of its answer
    std::chrono::steady_clock::time_point idle_since = std::chrono::steady_clock::now();
};

}  // namespace

struct HttpServer::State : std::enable_shared_from_this<State> {
    State(asio::any_io_executor ex, ServerOptions opts, Handler h,
          std::function<void(std::string_view)> report)
        : executor(ex),
          options(std::move(opts)),
          handler(std::move(h)),
          on_error(std::move(report)),
          acceptor(ex),
          changed(ex, asio::steady_timer::time_point::max()) {}

    asio::any_io_executor executor;
    ServerOptions options;
    Handler handler;
    std::function<void(std::string_view)> on_error;
    tcp::acceptor acceptor;
    asio::steady_timer changed;  // cancelled, and so woken, when a connection ends or falls idle
    std::list<std::shared_ptr<Connection>> connections;
    std::uint64_t body_bytes = 0;  // of requests under way, as far as they have arrived
    bool stopping = false;

    asio::awaitable<void> accept();
    asio::awaitable<void> make_room();
    asio::awaitable<void> serve(std::shared_ptr<Connection> connection);
    asio::awaitable<bool> serve_one(Connection& connection, beast::flat_buffer& buffer);
    asio::awaitable<std::optional<HttpResponse>> read_body(
        Connection& connection, beast::flat_buffer& buffer,
        http::request_parser<http::string_body>& parser, std::uint64_t& counted);
    std::optional<HttpResponse> answer_to(error_code failure) const;
    HttpResponse refusal(int status, std::string_view error) const;
    asio::awaitable<HttpResponse> ask_handler(HttpRequest request);
    asio::awaitable<bool> write(Connection& connection, HttpResponse response, unsigned version,
                                bool keep_alive, bool head);
    asio::awaitable<void> linger(Connection& connection);
};

asio::awaitable<void> HttpServer::State::accept() {
    const auto self = shared_from_this();
    while (!stopping) {
        // Only where somebody waits is it worth ending another's connection.
        auto [nobody] = co_await acceptor.async_wait(tcp::acceptor::wait_read, quietly);
        if (!nobody) co_await make_room();
        if (stopping) co_return;
        auto [failure, socket] = co_await acceptor.async_accept(quietly);
        if (stopping) co_return;
        if (failure) {
            // Out of descriptors, say: waiting a little lets connections end; a tight loop would
            // not.
            on_error("cannot accept a connection: " + failure.message());
            asio::steady_timer pause(executor, std::chrono::milliseconds(100));
            co_await pause.async_wait(quietly);
            continue;
        }
        error_code ignored;  // a socket that is dead already says so at its first read
        socket.set_option(tcp::no_delay(true), ignored);
        auto connection = std::make_shared<Connection>(std::move(socket));
        connections.push_back(connection);
        asio::co_spawn(executor, serve(connection), [self](std::exception_ptr bug) {
            if (bug) self->on_error("a connection was ended by a mistake of the server");
        });
    }
}

/// Returns when there may be one connection more: the one that has been idle longest makes way.
asio::awaitable<void> HttpServer::State::make_room() {
    while (connections.size() >= options.max_connections && !stopping) {
        std::shared_ptr<Connection> idlest;
        for (const auto& connection : connections)
            if (!connection->busy && connection->stream.socket().is_open() &&
                (!idlest || connection->idle_since < idlest->idle_since))
                idlest = connection;
        if (idlest) idlest->stream.close();
        co_await changed.async_wait(quietly);
    }
}

asio::awaitable<void> HttpServer::State::serve(std::shared_ptr<Connection> connection) {
    const auto self = shared_from_this();
    // Also where something throws: a slot that is not given back is lost for good.
    const std::shared_ptr<void> leave(nullptr, [self, connection](void*) {
        connection->stream.close();
        self->connections.remove(connection);
        self->changed.cancel();
    });
    beast::flat_buffer buffer(options.max_header + 64UL * 1024);
    // Who connects has something to say; only later is there a reason to wait for more.
    auto patience = options.header_timeout;
    bool more = true;
    while (more && !stopping) {
        connection->busy = false;
        connection->idle_since = std::chrono::steady_clock::now();
        if (connections.size() >= options.max_connections) changed.cancel();  // see make_room()
        if (buffer.size() == 0) {
            connection->stream.expires_after(patience);
            auto [failure, count] =
                co_await connection->stream.async_read_some(buffer.prepare(4096), quietly);
            if (failure) break;
            buffer.commit(count);
        }
        connection->busy = true;
        more = co_await serve_one(*connection, buffer);
        patience = options.idle_timeout;
    }
}

HttpResponse HttpServer::State::refusal(int status, std::string_view error) const {
    HttpResponse response =
        json_response(status, R"({"status":")" + options.refusal_status + R"(","error":")" +
                                  std::string(error) + "\"}");
    if (status == 503) response.headers.add("Retry-After", "5");
    return response;
}

/// What a request that could not be read is answered; nothing where the peer is gone, or was cut
/// for being slow (its socket is closed by then).
std::optional<HttpResponse> HttpServer::State::answer_to(error_code failure) const {
    if (failure == http::error::body_limit)
        return refusal(413, "the body is larger than this server accepts");
    if (failure == http::error::header_limit || failure == http::error::buffer_overflow)
        return refusal(431, "the request's header is too large");
    if (failure == http::error::end_of_stream || failure == http::error::partial_message)
        return std::nullopt;
    if (failure.category() == make_error_code(http::error::bad_method).category())
        return refusal(400, "this is not a valid HTTP/1.1 request");
    return std::nullopt;
}

/// Reads the body, and counts its bytes as they arrive: a peer that only promises many takes no
/// room from others. Returns what to answer where it cannot be read; an empty answer: nothing.
asio::awaitable<std::optional<HttpResponse>> HttpServer::State::read_body(
    Connection& connection, beast::flat_buffer& buffer,
    http::request_parser<http::string_body>& parser, std::uint64_t& counted) {
    auto& stream = connection.stream;
    stream.expires_after(options.body_timeout);
    error_code failure;
    if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
        http::response<http::empty_body> go_on(http::status::continue_, 11);
        auto [expect_failure, sent] = co_await http::async_write(stream, go_on, quietly);
        failure = expect_failure;
    }
    while (!failure && !parser.is_done()) {
        auto [read_failure, count] =
            co_await http::async_read_some(stream, buffer, parser, quietly);
        failure = read_failure;
        const std::uint64_t arrived = parser.get().body().size();
        body_bytes += arrived - counted;
        counted = arrived;
        if (!failure && arrived > small_body && body_bytes > options.max_bodies)
            co_return refusal(503, "too many large requests at once; send it again in a moment");
    }
    if (!failure) co_return std::nullopt;
    auto answer = answer_to(failure);
    if (!answer) answer.emplace().status = 0;
    co_return answer;
}

/// Reads and answers one request; false when the connection is to be closed.
asio::awaitable<bool> HttpServer::State::serve_one(Connection& connection,
                                                   beast::flat_buffer& buffer) {
    auto& stream = connection.stream;
    http::request_parser<http::string_body> parser;
    parser.header_limit(options.max_header);
    parser.body_limit(options.max_body);
    stream.expires_after(options.header_timeout);
    auto [head_failure, head_bytes] =
        co_await http::async_read_header(stream, buffer, parser, quietly);

    std::optional<HttpResponse> refused;
    std::uint64_t counted = 0;
    const std::shared_ptr<void> uncount(nullptr, [&](void*) { body_bytes -= counted; });
    if (head_failure) {
        refused = answer_to(head_failure);
        if (!refused) co_return false;
    } else if (const char* const wrong = ambiguity(parser)) {
        refused = refusal(400, wrong);
    } else if (!parser.is_done()) {
        refused = co_await read_body(connection, buffer, parser, counted);
    }
    if (refused) {
        if (refused->status != 0 &&
            co_await write(connection, std::move(*refused), 11, false, false))
            co_await linger(connection);
        co_return false;
    }

    bool keep_alive = parser.get().keep_alive();
    const unsigned version = parser.get().version();
    const bool is_head = parser.get().method() == http::verb::head;
    HttpRequest request;
    request.method = std::string(parser.get().method_string());
    request.target = std::string(parser.get().target());
    for (const auto& field : parser.get())
        request.headers.add(std::string(field.name_string()), std::string(field.value()));
    error_code no_peer;  // the peer may have gone while its request was read
    const auto peer = stream.socket().remote_endpoint(no_peer);
    if (!no_peer) request.peer = peer.address().to_string();
    request.body = std::move(parser.get().body());

    stream.expires_never();  // the handler's time is its own
    HttpResponse response = co_await ask_handler(std::move(request));
    keep_alive = keep_alive && !stopping;
    const bool written =
        co_await write(connection, std::move(response), version, keep_alive, is_head);
    co_return written&& keep_alive;
}

asio::awaitable<HttpResponse> HttpServer::State::ask_handler(HttpRequest request) {
    try {
        co_return co_await handler(std::move(request));
    } catch (const std::exception& bug) {
        on_error(std::string("a request's handler threw: ") + bug.what());
    }
    co_return refusal(500, "this is a mistake of the server; its log says more");
}

asio::awaitable<bool> HttpServer::State::write(Connection& connection, HttpResponse response,
                                               unsigned version, bool keep_alive, bool head) {
    http::response<http::string_body> message;
    message.version(version);
    message.result(static_cast<unsigned>(response.status));
    for (const auto& [name, value] : response.headers) message.insert(name, value);
    message.keep_alive(keep_alive);
    const std::size_t size = response.body.size();
    if (!head) message.body() = std::move(response.body);
    if (response.status != 204 && response.status != 304) message.content_length(size);

    connection.stream.expires_after(options.write_timeout);
    auto [failure, sent] = co_await http::async_write(connection.stream, message, quietly);
    co_return !failure;
}

/// Reads on for a moment after an early refusal: closing with unread bytes would reset the
/// connection, and the peer might never see why it was refused (RFC 9112 section 9.6).
asio::awaitable<void> HttpServer::State::linger(Connection& connection) {
    error_code ignored;  // the peer may be gone, which is as good
    connection.stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
    connection.stream.expires_after(std::chrono::seconds(5));
    std::string sink(64UL * 1024, '\0');
    std::uint64_t most = 2 * options.max_body;
    for (;;) {
        auto [failure, count] =
            co_await connection.stream.async_read_some(asio::buffer(sink), quietly);
        if (failure || count >= most) co_return;
        most -= count;
    }
}

HttpServer::HttpServer(asio::any_io_executor executor, ServerOptions options, Handler handler,
                       std::function<void(std::string_view)> on_error)
    : state_(std::make_shared<State>(executor, std::move(options), std::move(handler),
                                     std::move(on_error))) {}

HttpServer::~HttpServer() {
    state_->stopping = true;
    error_code ignored;  // there is nobody left to tell
    state_->acceptor.close(ignored);
    for (const auto& connection : state_->connections) connection->stream.close();
}

Result<void> HttpServer::start() {
    const auto endpoint = parse_listen_address(state_->options.listen);
    if (endpoint.has_error()) return endpoint.error();
    error_code failure;
    auto& acceptor = state_->acceptor;
    if (acceptor.open(endpoint->protocol(), failure); !failure)
        acceptor.set_option(tcp::acceptor::reuse_address(true), failure);
    if (!failure) acceptor.bind(*endpoint, failure);
    if (!failure) acceptor.listen(asio::socket_base::max_listen_connections, failure);
    if (failure)
        return fail(Errc::io, "cannot listen on " + state_->options.listen + ": " +
                                  failure.message() +
                                  "; choose another address or end what uses it");
    asio::co_spawn(state_->executor, state_->accept(), asio::detached);
    return {};
}

std::string HttpServer::address() const {
    error_code ignored;  // an unbound acceptor has the address 0.0.0.0:0
    return to_text(state_->acceptor.local_endpoint(ignored));
}

asio::awaitable<void> HttpServer::stop(std::chrono::milliseconds bound) {
    const auto state = state_;
    state->stopping = true;
    error_code ignored;  // closing an acceptor twice is no harm
    state->acceptor.close(ignored);
    for (const auto& connection : state->connections)
        if (!connection->busy) connection->stream.close();

    const auto end = std::chrono::steady_clock::now() + bound;
    while (!state->connections.empty() && std::chrono::steady_clock::now() < end) {
        // A time-out of the wait and a connection's end both wake it.
        state->changed.expires_at(end);
        co_await state->changed.async_wait(quietly);
    }
    for (const auto& connection : state->connections) connection->stream.close();
}

std::size_t HttpServer::connections() const {
    return state_->connections.size();
}

HttpResponse json_response(int status, std::string body) {
    HttpResponse response;
    response.status = status;
    response.headers.add("Content-Type", "application/json");
    response.body = std::move(body);
    return response;
}

}  // namespace runs_agent::net
