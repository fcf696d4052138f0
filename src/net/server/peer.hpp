// SPDX-License-Identifier: MIT
// One connection of a server, and what is known of whoever is at its other end. Only for the
// server's own files, as it brings Beast along.
#pragma once

#include "net/memory_budget.hpp"
#include "net/server/standing.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace runs_agent::net {

class Peer {
public:
    /// `certificate`: TLS is spoken with it, once it was greeted. Null: it is not.
    Peer(boost::asio::ip::tcp::socket socket, MemoryShare memory, std::size_t max_buffer,
         const std::shared_ptr<boost::asio::ssl::context>& certificate = nullptr);

    bool speaks_tls() const { return tls_.has_value(); }
    /// Until it has said something, within `patience`: no TLS is spoken before.
    boost::asio::awaitable<boost::system::error_code> hear(std::chrono::milliseconds patience);
    /// The handshake that it began by what was heard, within `patience`.
    boost::asio::awaitable<boost::system::error_code> greet(std::chrono::milliseconds patience);
    /// Tells it that nothing more comes, and waits a moment for the same of it: without that it
    /// could not tell an end from a cut (RFC 8446 section 6.1). Without TLS it does nothing, nor
    /// where the connection is gone, as after a time-out.
    boost::asio::awaitable<void> take_leave();

    /// It does something else from now on.
    void now(Doing doing);

    /// From now on bytes are waited for as long as `patience` in all, and as long again each time
    /// that 32 KiB have come or gone: what goes on at a bearable pace is never cut, however long it
    /// takes, and what trickles is.
    void expect(std::chrono::milliseconds patience);

    /// Reads at most `most` bytes into the buffer; the error of the connection's end, or of the
    /// patience's (beast::error::timeout).
    boost::asio::awaitable<boost::system::error_code> read_some(std::size_t most);

    /// Writes these, the one after the other; the error of the connection's end, or of the
    /// patience's. As with all of Asio's buffers, what they point to must be there until then.
    using Buffers = std::array<boost::asio::const_buffer, 2>;
    boost::asio::awaitable<boost::system::error_code> write(Buffers buffers);

    /// Bytes have come or gone.
    void moved(std::size_t bytes);

    /// Ends it in favour of others: the body that arrives is freed, its memory counts as free at
    /// once, and every read and write of it ends.
    void cut();
    bool is_cut() const { return cut_; }

    /// Has it sent what nobody has looked at yet?
    bool has_unread() const { return unread() > 0; }
    /// How many bytes, about: those of TLS are more, and some of its may not be seen.
    std::size_t unread() const;
    /// The same, or what was read together with its last request?
    bool has_more() const { return buffer.size() > 0 || has_unread(); }

    /// Counts what its request holds: the buffer, and so many bytes of head and body. False: no
    /// room for that.
    [[nodiscard]] bool hold(std::uint64_t bytes);
    /// Its request is over; what was read of the next one stays.
    void let_go();
    /// The body that arrives from it, to be freed where it is cut: until it has a step again,
    /// others may have filled the same room. Null: none.
    void arriving(std::string* body) { body_ = body; }
    /// Its answer takes this, until it was sent or is given up.
    void hold_answer(std::shared_ptr<MemoryShare> answer);

    boost::beast::tcp_stream stream;
    boost::asio::steady_timer pause;  // between two requests; ends where it is cut
    boost::beast::flat_buffer buffer;
    Standing standing;
    const boost::asio::ip::address address;  // unspecified where the peer is gone already

private:
    std::optional<boost::asio::ssl::stream<boost::beast::tcp_stream&>> tls_;
    SSL* handle_ = nullptr;  // of tls_
    MemoryShare memory_;
    std::shared_ptr<MemoryShare> answer_;
    std::string* body_ = nullptr;
    std::chrono::milliseconds patience_{};
    std::uint64_t stretch_ = 0;  // bytes since the patience began anew
    bool cut_ = false;
    bool has_left_ = false;
};

}  // namespace runs_agent::net
