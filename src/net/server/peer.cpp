// SPDX-License-Identifier: MIT
#include "net/server/peer.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <openssl/ssl.h>

#include <algorithm>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <tuple>

namespace runs_agent::net {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr auto quietly = asio::as_tuple(asio::use_awaitable);
constexpr std::uint64_t stretch = 32UL * 1024;
/// A buffer that a large request has made larger is not kept for small ones.
constexpr std::size_t small_buffer = 8UL * 1024;

asio::ip::address address_of(const asio::ip::tcp::socket& socket) {
    error_code gone;  // then its first read says so
    const auto endpoint = socket.remote_endpoint(gone);
    return gone ? asio::ip::address() : endpoint.address();
}

constexpr std::chrono::milliseconds max_silence{10'000};
constexpr std::chrono::milliseconds patience_for_leave{1'000};

/// How long somebody has waited for us to accept it and has said nothing; zero where it has said
/// something, or the system does not tell.
std::chrono::milliseconds silent_for([[maybe_unused]] asio::ip::tcp::socket& socket) {
#ifdef TCP_INFO
    error_code closed;
    if (socket.available(closed) > 0 || closed) return {};
    tcp_info told{};  // tcp(7); nothing has come since what made the connection
    socklen_t size = sizeof told;
    if (::getsockopt(socket.native_handle(), IPPROTO_TCP, TCP_INFO, &told, &size) == 0)
        return std::min(std::chrono::milliseconds(told.tcpi_last_ack_recv), max_silence);
#endif
    return {};
}

}  // namespace

Peer::Peer(asio::ip::tcp::socket socket, MemoryShare memory, std::size_t max_buffer,
           const std::shared_ptr<asio::ssl::context>& certificate)
    : stream(std::move(socket)),
      pause(stream.get_executor()),
      buffer(max_buffer),
      address(address_of(stream.socket())),
      memory_(std::move(memory)) {
    // Time in the system's queue is time, too: else some thousands who say nothing, each for as
    // long as is granted, would keep everybody else in it.
    standing.since = standing.connected =
        std::chrono::steady_clock::now() - silent_for(stream.socket());
    if (!certificate) return;
    tls_.emplace(stream, *certificate);
    handle_ = tls_->native_handle();
}

asio::awaitable<error_code> Peer::hear(std::chrono::milliseconds patience) {
    constexpr std::size_t hello = 4096;
    expect(patience);
    auto [failure, count] = co_await stream.async_read_some(buffer.prepare(hello), quietly);
    buffer.commit(count);
    moved(count);
    co_return failure;
}

asio::awaitable<error_code> Peer::greet(std::chrono::milliseconds patience) {
    expect(patience);
    auto [failure, used] =
        co_await tls_->async_handshake(asio::ssl::stream_base::server, buffer.cdata(), quietly);
    buffer.consume(used);
    // Nobody can have more to say before it has heard us; from here on the buffer is for plain
    // text.
    if (!failure && buffer.size() > 0) failure = asio::error::invalid_argument;
    co_return failure;
}

asio::awaitable<void> Peer::take_leave() {
    if (!tls_ || cut_ || has_left_) co_return;
    has_left_ = true;
    now(Doing::lingering);
    stream.expires_after(patience_for_leave);
    auto [ended] = co_await tls_->async_shutdown(quietly);
    static_cast<void>(ended);  // it may be gone already, which is as good
}

void Peer::now(Doing doing) {
    standing.doing = doing;
    standing.since = std::chrono::steady_clock::now();
    standing.moved = 0;
}

void Peer::expect(std::chrono::milliseconds patience) {
    patience_ = patience;
    stretch_ = 0;
    stream.expires_after(patience);
}

asio::awaitable<error_code> Peer::read_some(std::size_t most) {
    const auto room = buffer.prepare(most);
    error_code failure;
    std::size_t count = 0;
    if (tls_)
        std::tie(failure, count) = co_await tls_->async_read_some(room, quietly);
    else
        std::tie(failure, count) = co_await stream.async_read_some(room, quietly);
    buffer.commit(count);
    moved(count);
    co_return failure;
}

asio::awaitable<error_code> Peer::write(Buffers buffers) {
    while (asio::buffer_size(buffers) > 0) {
        error_code failure;
        std::size_t sent = 0;
        if (tls_)
            std::tie(failure, sent) = co_await tls_->async_write_some(buffers, quietly);
        else
            std::tie(failure, sent) = co_await stream.async_write_some(buffers, quietly);
        moved(sent);
        if (failure) co_return failure;
        const std::size_t of_first = std::min(sent, buffers[0].size());
        buffers[0] += of_first;
        buffers[1] += sent - of_first;
    }
    co_return error_code();
}

void Peer::moved(std::size_t bytes) {
    standing.moved += bytes;
    standing.in_all += bytes;
    standing.moved_at = std::chrono::steady_clock::now();
    stretch_ += bytes;
    if (stretch_ >= stretch) expect(patience_);
}

void Peer::cut() {
    cut_ = true;
    memory_.release();
    if (answer_) answer_->release();
    if (body_ != nullptr) std::string().swap(*body_);
    stream.close();
    pause.cancel();
}

std::size_t Peer::unread() const {
    error_code closed;  // then there is nothing to look at
    const std::size_t arrived = stream.socket().available(closed);
    if (!tls_) return arrived;
    // What lies between the socket and OpenSSL, and of the record that it has opened.
    return arrived + BIO_ctrl_pending(SSL_get_rbio(handle_)) +
           static_cast<std::size_t>(SSL_pending(handle_));
}

bool Peer::hold(std::uint64_t bytes) {
    standing.held = buffer.capacity() + bytes;
    return memory_.resize(standing.held);
}

void Peer::let_go() {
    // Of what was refused, too: its reader lives on until the refusal was read.
    if (body_ != nullptr) std::string().swap(*body_);
    answer_.reset();
    standing.held = 0;
    memory_.release();
    if (buffer.capacity() <= small_buffer) return;
    if (buffer.size() == 0)
        buffer = boost::beast::flat_buffer(buffer.max_size());
    else
        buffer.shrink_to_fit();
    // What is there of the next request; where there is no room for it, that one is refused.
    static_cast<void>(hold(0));
}

void Peer::hold_answer(std::shared_ptr<MemoryShare> answer) {
    answer_ = std::move(answer);
    standing.held = answer_->bytes();
}

}  // namespace runs_agent::net
