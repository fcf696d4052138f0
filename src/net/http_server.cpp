#include "net/http_server.hpp"

#include "net/listen_address.hpp"
#include "net/request_reader.hpp"

#include <boost/asio/as_tuple.hpp>
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
using SteadyClock = std::chrono::steady_clock;

namespace {

constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

/// Who makes way first when room is short: the earlier in this list, then the longer.
enum class Doing : std::uint8_t { nothing, reading, working };

bool is_out_of_descriptors(error_code failure) {
    return failure == asio::error::no_descriptors ||
           failure == boost::system::errc::too_many_files_open_in_system;
}

}  // namespace

struct HttpServer::State : std::enable_shared_from_this<State> {
    /// One of `connections` for as long as it lives, however it ends.
    struct Connection {
        Connection(std::shared_ptr<State> owner, tcp::socket socket)
            : server(std::move(owner)), stream(std::move(socket)) {
            server->connections.push_back(this);
        }
        ~Connection() {
            server->connections.remove(this);
            server->changed.cancel();
        }
        Connection(const Connection&) = delete;
        Connection& operator=(const Connection&) = delete;

        void now(Doing what) {
            doing = what;
            since = SteadyClock::now();
            if (what != Doing::working && server->is_full()) server->changed.cancel();
        }

        std::shared_ptr<State> server;
        beast::tcp_stream stream;
        Doing doing = Doing::nothing;
        SteadyClock::time_point since = SteadyClock::now();
    };

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
    asio::steady_timer changed;  // cancelled, and so woken, when a connection ends or can be spared
    std::list<Connection*> connections;
    std::uint64_t body_bytes = 0;  // of requests under way, as far as they have arrived
    bool stopping = false;

    bool is_full() const { return connections.size() >= options.max_connections; }
    bool spare_one();
    asio::awaitable<void> accept();
    asio::awaitable<std::string> accept_one();
    asio::awaitable<void> serve(std::unique_ptr<Connection> given);
    asio::awaitable<bool> serve_one(Connection& connection, beast::flat_buffer& buffer);
    HttpResponse refusal(int status, std::string_view error) const;
    asio::awaitable<HttpResponse> ask_handler(HttpRequest request);
    asio::awaitable<bool> write(Connection& connection, HttpResponse response, unsigned version,
                                bool keep_alive, bool head);
    asio::awaitable<void> linger(Connection& connection);
};

asio::awaitable<void> HttpServer::State::accept() {
    const auto self = shared_from_this();
    while (!stopping) {
        std::string trouble;
        try {
            trouble = co_await accept_one();
        } catch (const std::exception& bug) {  // no memory, say; it must not be the last connection
            trouble = bug.what();
        }
        if (trouble.empty() || stopping) continue;
        on_error("cannot accept a connection: " + trouble);
        // Waiting a little lets connections end; a tight loop would not.
        asio::steady_timer pause(executor, std::chrono::milliseconds(100));
        co_await pause.async_wait(quietly);
    }
}

/// Returns what went wrong, if anything did.
asio::awaitable<std::string> HttpServer::State::accept_one() {
    // Only where somebody waits is it worth ending another's connection.
    auto [nobody] = co_await acceptor.async_wait(tcp::acceptor::wait_read, quietly);
    while (!nobody && !stopping && is_full()) {
        spare_one();
        co_await changed.async_wait(quietly);
    }
    if (stopping) co_return std::string();
    auto [failure, socket] = co_await acceptor.async_accept(quietly);
    if (stopping || (is_out_of_descriptors(failure) && spare_one())) co_return std::string();
    if (failure) co_return failure.message();

    error_code ignored;  // a socket that is dead already says so at its first read
    socket.set_option(tcp::no_delay(true), ignored);
    auto connection = std::make_unique<Connection>(shared_from_this(), std::move(socket));
    asio::co_spawn(executor, serve(std::move(connection)),
                   [self = shared_from_this()](std::exception_ptr bug) {
                       if (bug) self->on_error("a connection was ended by a mistake of the server");
                   });
    co_return std::string();
}

/// Closes the connection that can be spared best; false where every one has work under way.
bool HttpServer::State::spare_one() {
    Connection* idlest = nullptr;
    for (Connection* connection : connections) {
        if (!connection->stream.socket().is_open()) return true;  // one is on its way out already
        if (connection->doing == Doing::working) continue;
        if (idlest == nullptr || std::pair(connection->doing, connection->since) <
                                     std::pair(idlest->doing, idlest->since))
            idlest = connection;
    }
    if (idlest == nullptr) return false;
    idlest->stream.close();
    return true;
}

asio::awaitable<void> HttpServer::State::serve(std::unique_ptr<Connection> given) {
    const auto connection = std::move(given);
    const auto self = shared_from_this();
    beast::flat_buffer buffer(options.max_header + 64UL * 1024);
    // Who connects has something to say; only later is there a reason to wait for more.
    auto patience = options.header_timeout;
    bool more = true;
    while (more && !stopping) {
        connection->now(Doing::nothing);
        if (buffer.size() == 0) {
            connection->stream.expires_after(patience);
            auto [failure, count] =
                co_await connection->stream.async_read_some(buffer.prepare(4096), quietly);
            if (failure) break;
            buffer.commit(count);
        }
        more = co_await serve_one(*connection, buffer);
        patience = options.idle_timeout;
    }
}

/// Reads and answers one request; false when the connection is to be closed.
asio::awaitable<bool> HttpServer::State::serve_one(Connection& connection,
                                                   beast::flat_buffer& buffer) {
    RequestReader reader(connection.stream, buffer, options, body_bytes);
    connection.now(Doing::reading);
    std::optional<Refusal> refused = co_await reader.read_head();
    if (!refused) refused = co_await reader.read_body();
    if (refused) {
        if (refused->status == 0) co_return false;
        HttpResponse response = refusal(refused->status, refused->why);
        if (co_await write(connection, std::move(response), 11, false, false))
            co_await linger(connection);
        co_return false;
    }

    connection.now(Doing::working);
    connection.stream.expires_never();  // the handler's time is its own
    HttpResponse response = co_await ask_handler(reader.take());
    const bool keep_alive = reader.keep_alive() && !stopping;
    const bool written = co_await write(connection, std::move(response), reader.version(),
                                        keep_alive, reader.is_head());
    co_return keep_alive ? written : false;
}

HttpResponse HttpServer::State::refusal(int status, std::string_view error) const {
    HttpResponse response =
        json_response(status, R"({"status":")" + options.refusal_status + R"(","error":")" +
                                  std::string(error) + "\"}");
    if (status == 503) response.headers.add("Retry-After", "5");
    return response;
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
    connection.now(Doing::reading);
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
    state_->changed.cancel();
    for (auto* connection : state_->connections) connection->stream.close();
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
    for (auto* connection : state->connections)
        if (connection->doing == Doing::nothing) connection->stream.close();

    const auto end = std::chrono::steady_clock::now() + bound;
    while (!state->connections.empty() && std::chrono::steady_clock::now() < end) {
        // A time-out of the wait and a connection's end both wake it.
        state->changed.expires_at(end);
        co_await state->changed.async_wait(quietly);
    }
    for (auto* connection : state->connections) connection->stream.close();
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
