// SPDX-License-Identifier: MIT
#include "net/server/http_server.hpp"

#include "net/listen_address.hpp"
#include "net/server/places.hpp"
#include "net/server/request_reader.hpp"
#include "net/server/response_writer.hpp"
#include "net/server/turns.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace runs_agent::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

/// Connections that are accepted before others get their turn; where thousands are served, one for
/// each turn would take seconds.
constexpr int at_once = 256;
/// Answers up to this are written even where there is no room for more: they say why.
constexpr std::size_t small_answer = 16UL * 1024;

bool is_out_of_descriptors(error_code failure) {
    return failure == asio::error::no_descriptors ||
           failure == boost::system::errc::too_many_files_open_in_system;
}

}  // namespace

std::shared_ptr<MemoryBudget> ServerOptions::default_memory() {
    constexpr std::uint64_t mebibyte = 1024ULL * 1024;
    return std::make_shared<MemoryBudget>(136 * mebibyte, 80 * mebibyte);
}

struct HttpServer::State : std::enable_shared_from_this<State> {
    /// A peer that has a place for as long as it lives, however it ends.
    struct Connection : Peer {
        Connection(std::shared_ptr<State> owner, tcp::socket socket)
            : Peer(std::move(socket),
                   MemoryShare(owner->options.memory, MemoryBudget::Use::arriving,
                               owner->options.memory_for_others),
                   owner->options.max_header + 64UL * 1024, owner->tls()),
              server(std::move(owner)) {
            server->places.add(*this);
        }
        ~Connection() {
            server->places.remove(*this);
            server->changed.cancel();
        }
        Connection(const Connection&) = delete;
        Connection& operator=(const Connection&) = delete;

        std::shared_ptr<State> server;
    };

    State(asio::any_io_executor ex, ServerOptions opts, Handler h,
          std::function<void(std::string_view)> report)
        : executor(ex),
          options(std::move(opts)),
          handler(std::move(h)),
          on_error(std::move(report)),
          acceptor(ex),
          changed(ex, asio::steady_timer::time_point::max()),
          places(options.max_connections, options.fairness, options.memory, options.on_cut),
          turns(std::make_shared<Turns>(ex)),
          handshakes(std::make_shared<Turns>(ex, 1)) {}

    asio::any_io_executor executor;
    ServerOptions options;
    Handler handler;
    std::function<void(std::string_view)> on_error;
    tcp::acceptor acceptor;
    asio::steady_timer changed;  // cancelled, and so woken, when a connection ends
    Places places;
    std::shared_ptr<Turns> turns;
    std::shared_ptr<Turns> handshakes;  // of strangers
    bool stopping = false;

    std::shared_ptr<asio::ssl::context> tls() const {
        return options.certificate ? options.certificate->context : nullptr;
    }
    asio::awaitable<void> accept();
    asio::awaitable<std::string> accept_some();
    asio::awaitable<void> wait_for_room();
    void begin(tcp::socket socket);
    asio::awaitable<void> serve(std::unique_ptr<Connection> given);
    asio::awaitable<bool> greet(Connection& connection);
    asio::awaitable<void> pace(Connection& connection);
    asio::awaitable<bool> serve_one(Connection& connection);
    HttpResponse refusal(int status, std::string_view error) const;
    asio::awaitable<HttpResponse> ask_handler(HttpRequest request);
    asio::awaitable<bool> answer(Connection& connection, HttpResponse response,
                                 Answering answering);
    asio::awaitable<void> linger(Connection& connection);
};

asio::awaitable<void> HttpServer::State::accept() {
    const auto self = shared_from_this();
    while (!stopping) {
        std::string trouble;
        try {
            trouble = co_await accept_some();
        } catch (const std::exception& bug) {  // no memory, say; it must not be the last connection
            trouble = bug.what();
        }
        if (trouble.empty() || stopping) continue;
        on_error("cannot accept a connection: " + trouble);
        // Waiting a little lets connections end; a tight loop would not.
        asio::steady_timer pause(executor, milliseconds(100));
        co_await pause.async_wait(quietly);
    }
}

/// Returns what went wrong, if anything did.
asio::awaitable<std::string> HttpServer::State::accept_some() {
    // Only where somebody waits is it worth ending another's connection.
    auto [nobody] = co_await acceptor.async_wait(tcp::acceptor::wait_read, quietly);
    if (nobody) co_return nobody.message();
    for (int count = 0; !stopping && count < at_once; ++count) {
        error_code failure;
        tcp::socket socket(executor);
        acceptor.accept(socket, failure);
        if (failure == asio::error::would_block) break;
        if (failure == asio::error::connection_aborted) continue;  // gone before it was accepted
        // The system says so even where nobody waits: that is known of the first alone.
        if (is_out_of_descriptors(failure) && (count > 0 || places.make_room())) break;
        if (failure) co_return failure.message();
        while (places.is_full() && !stopping && !places.make_room()) co_await wait_for_room();
        if (!stopping) begin(std::move(socket));
    }
    co_return std::string();
}

/// Until a connection ends, or the next may be asked to make way. One that is answered meanwhile
/// may be asked, too, so it is never waited for long.
asio::awaitable<void> HttpServer::State::wait_for_room() {
    const auto now = steady_clock::now();
    const Moment next = places.next_room().value_or(Moment::max());
    changed.expires_at(std::clamp(next, now + milliseconds(10), now + milliseconds(50)));
    co_await changed.async_wait(quietly);
}

void HttpServer::State::begin(tcp::socket socket) {
    error_code ignored;  // a socket that is dead already says so at its first read
    socket.set_option(tcp::no_delay(true), ignored);
    auto connection = std::make_unique<Connection>(shared_from_this(), std::move(socket));
    asio::co_spawn(executor, serve(std::move(connection)),
                   [self = shared_from_this()](std::exception_ptr bug) {
                       if (bug) self->on_error("a connection was ended by a mistake of the server");
                   });
}

asio::awaitable<void> HttpServer::State::serve(std::unique_ptr<Connection> given) {
    const auto connection = std::move(given);
    const auto self = shared_from_this();
    if (connection->speaks_tls() && !co_await greet(*connection)) co_return;
    // Who connects has something to say; only later is there a reason to wait for more.
    auto patience = options.header_timeout;
    bool more = true;
    // At a stop, too, who has begun a request is answered (RFC 9112 section 9.6).
    while (more && (!stopping || connection->has_more())) {
        if (connection->buffer.size() == 0) {
            connection->expect(patience);
            const error_code ended = co_await connection->read_some(4096);
            if (ended == boost::beast::error::timeout) co_return;
            if (ended) break;
        }
        more = co_await serve_one(*connection);
        connection->let_go();
        connection->now(Doing::idle);
        patience = options.idle_timeout;
        if (more) co_await pace(*connection);
        more = more && !connection->is_cut();
    }
    co_await connection->take_leave();
}

/// A handshake costs this thread as much as tens of requests: strangers who have begun one take
/// turns with it. False where there is to be no request.
asio::awaitable<bool> HttpServer::State::greet(Connection& connection) {
    if (co_await connection.hear(options.header_timeout)) co_return false;
    if (!connection.standing.known) {
        co_await handshakes->wait();
        connection.standing.connected = steady_clock::now();  // till now it has waited for us
    }
    connection.now(Doing::reading);
    if (connection.is_cut() || stopping) co_return false;
    const error_code failure = co_await connection.greet(options.header_timeout);
    if (failure && options.on_handshake_failed)
        if (const auto why = explain_handshake(failure))
            options.on_handshake_failed(*why, connection.address.to_string());
    co_return !failure && !connection.is_cut();
}

/// Who has not shown that it may ask is answered once as soon as it can be, and then takes turns
/// with others of its kind. Where somebody waits for a place it is answered after a while again: a
/// few thousand who ask as fast as they can would leave no time to let others in.
asio::awaitable<void> HttpServer::State::pace(Connection& connection) {
    if (connection.standing.verified) co_return;
    if (places.is_full()) {
        connection.pause.expires_after(options.fairness.grace);
        co_await connection.pause.async_wait(quietly);
    }
    if (!connection.is_cut()) co_await turns->wait();
}

/// Reads and answers one request; false when the connection is to be closed.
asio::awaitable<bool> HttpServer::State::serve_one(Connection& connection) {
    RequestReader reader(connection, options);
    connection.now(Doing::reading);
    std::optional<Refusal> refused = co_await reader.read_head();
    if (!refused && options.knows_sender && options.knows_sender(reader.head()))
        places.remember(connection);
    const bool wanted = refused || !options.wants_body || options.wants_body(reader.head());
    const bool unread = !refused && !wanted && reader.has_body();
    if (!refused && !unread) refused = co_await reader.read_body();
    if (refused && refused->status == 0) co_return false;

    Answering answering;
    HttpResponse response;
    if (refused) {
        response = refusal(refused->status, refused->why);
        if (options.on_refused) options.on_refused(refused->status);
    } else {
        answering = {reader.version(), reader.keep_alive() && !stopping && !unread,
                     reader.is_head()};
        connection.now(Doing::working);
        connection.stream.expires_never();  // the handler's time is its own
        response = co_await ask_handler(reader.take());
        if (stopping) answering.keep_alive = false;
        if (response.known_sender) places.remember(connection);
    }
    connection.standing.ahead = !connection.standing.verified && connection.has_more();
    connection.standing.answered = true;
    const bool written = co_await answer(connection, std::move(response), answering);
    if (written && (refused || unread)) co_await linger(connection);
    co_return answering.keep_alive ? written : false;
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

asio::awaitable<bool> HttpServer::State::answer(Connection& connection, HttpResponse response,
                                                Answering answering) {
    std::shared_ptr<MemoryShare> share = response.memory;
    if (!share) {
        share = std::make_shared<MemoryShare>(options.memory, MemoryBudget::Use::working);
        const bool fits = share->resize(response.body.size());
        if (!fits && response.body.size() > small_answer)
            response = refusal(503, "too many large answers at once; ask again in a moment");
    }
    complete(response, options.challenge,
             std::chrono::floor<milliseconds>(std::chrono::system_clock::now()));
    connection.let_go();  // of the request, whose answer may take long to be read
    connection.hold_answer(std::move(share));
    co_return co_await write_response(connection, std::move(response), answering,
                                      options.write_timeout);
}

/// Reads on for a moment after an early refusal: closing with unread bytes would reset the
/// connection, and the peer might never see why it was refused (RFC 9112 section 9.6).
asio::awaitable<void> HttpServer::State::linger(Connection& connection) {
    co_await connection.take_leave();
    error_code ignored;  // the peer may be gone, which is as good
    connection.stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
    connection.now(Doing::lingering);
    connection.stream.expires_after(std::chrono::seconds(5));
    std::uint64_t most = 2 * options.max_body;
    for (;;) {
        connection.buffer.clear();
        const auto piece = connection.buffer.prepare(4096);
        auto [failure, count] = co_await connection.stream.async_read_some(piece, quietly);
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
    state_->places.for_each([](Peer& peer) { peer.stream.close(); });
}

Result<void> HttpServer::start() {
    const auto endpoint = parse_listen_address(state_->options.listen);
    if (endpoint.has_error()) return endpoint.error();
    error_code failure;
    auto& acceptor = state_->acceptor;
    if (acceptor.open(endpoint->protocol(), failure); !failure)
        acceptor.set_option(tcp::acceptor::reuse_address(true), failure);
    const ServerOptions& options = state_->options;  // each connection has the acceptor's buffers
    if (!failure && options.send_buffer > 0)
        acceptor.set_option(asio::socket_base::send_buffer_size(options.send_buffer), failure);
    if (!failure && options.receive_buffer > 0)
        acceptor.set_option(asio::socket_base::receive_buffer_size(options.receive_buffer),
                            failure);
    if (!failure) acceptor.bind(*endpoint, failure);
    if (!failure) acceptor.listen(asio::socket_base::max_listen_connections, failure);
    if (!failure) acceptor.non_blocking(true, failure);
    // Else such a connection would be waited for, and everybody with it.
    if (!failure) acceptor.set_option(asio::socket_base::enable_connection_aborted(true), failure);
    if (failure)
        return fail(Errc::io, "cannot listen on " + state_->options.listen + ": " +
                                  failure.message() +
                                  "; choose another address or end what uses it");
    // Nothing is to leave it; where something does, a server that hears nobody must not live on.
    asio::co_spawn(state_->executor, state_->accept(), [](std::exception_ptr bug) {
        if (bug) std::rethrow_exception(bug);
    });
    return {};
}

std::string HttpServer::address() const {
    error_code ignored;  // an unbound acceptor has the address 0.0.0.0:0
    return to_text(state_->acceptor.local_endpoint(ignored));
}

void HttpServer::use(ServerCertificate certificate) {
    state_->options.certificate = std::move(certificate);
}

asio::awaitable<void> HttpServer::stop(milliseconds bound) {
    const auto state = state_;
    state->stopping = true;
    error_code ignored;  // closing an acceptor twice is no harm
    state->acceptor.close(ignored);
    // Who has begun a request is answered, though we may not have looked at it yet.
    state->places.for_each([](Peer& peer) {
        const Doing doing = peer.standing.doing;
        const bool has_begun = (doing != Doing::silent && doing != Doing::idle) || peer.has_more();
        if (!has_begun) peer.stream.close();
    });
    const auto end = steady_clock::now() + bound;
    while (state->places.open() > 0 && steady_clock::now() < end) {
        // A time-out of the wait and a connection's end both wake it.
        state->changed.expires_at(end);
        co_await state->changed.async_wait(quietly);
    }
    state->places.for_each([](Peer& peer) { peer.stream.close(); });
}

std::size_t HttpServer::connections() const {
    return state_->places.open();
}

}  // namespace runs_agent::net
