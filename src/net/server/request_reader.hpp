// SPDX-License-Identifier: MIT
// Reads one request off a server's connection: how long to wait, how much to take, and what is
// refused. How a refusal looks on the wire is the server's business. Only for the server's own
// files, as it brings Beast along.
#pragma once

#include "net/server/http_server.hpp"
#include "net/server/peer.hpp"

#include <boost/beast/http/parser.hpp>

#include <optional>
#include <string_view>

namespace runs_agent::net {

/// What a request that cannot be taken is answered.
struct Refusal {
    int status = 0;  // 0: there is nobody to tell, as the peer is gone or was cut for being slow
    std::string_view why;
};

/// A body that takes memory as its bytes arrive. Beast's own string_body takes all that the peer
/// promises at once, and lets bad_alloc pass through into the event loop, which would end.
struct ArrivingBody {
    // NOLINTBEGIN(readability-identifier-naming): the names are Beast's
    using value_type = std::string;

    class reader {
    public:
        template <bool IsRequest, class Fields>
        reader(boost::beast::http::header<IsRequest, Fields>& /*head*/, value_type& body)
            : body_(body) {}

        void init(const boost::optional<std::uint64_t>& promised,
                  boost::system::error_code& failure) {
            promised_ = promised.value_or(0);
            failure = {};
        }

        template <class Buffers>
        std::size_t put(const Buffers& buffers, boost::system::error_code& failure) {
            std::size_t count = 0;
            for (auto part = boost::asio::buffer_sequence_begin(buffers);
                 part != boost::asio::buffer_sequence_end(buffers); ++part) {
                const boost::asio::const_buffer bytes = *part;
                failure = append({static_cast<const char*>(bytes.data()), bytes.size()});
                if (failure) return count;
                count += bytes.size();
            }
            return count;
        }

        void finish(boost::system::error_code& failure) { failure = {}; }

    private:
        boost::system::error_code append(std::string_view bytes);

        value_type& body_;
        std::uint64_t promised_ = 0;
    };
    // NOLINTEND(readability-identifier-naming)
};

class RequestReader {
public:
    /// The peer holds the request's memory until it is let go of.
    RequestReader(Peer& peer, const ServerOptions& options);
    ~RequestReader();
    RequestReader(const RequestReader&) = delete;
    RequestReader& operator=(const RequestReader&) = delete;

    boost::asio::awaitable<std::optional<Refusal>> read_head();
    /// Counts bytes as they arrive: a peer that only promises many takes no room from others.
    boost::asio::awaitable<std::optional<Refusal>> read_body();

    /// Method, target and fields, once the head is read.
    const HttpRequest& head() const { return request_; }
    /// Is there more of it than its head?
    bool has_body() const { return !parser_.is_done(); }

    // Once all of it that is wanted is read:
    HttpRequest take();
    bool keep_alive() const { return parser_.get().keep_alive(); }
    unsigned version() const { return parser_.get().version(); }
    bool is_head() const { return parser_.get().method() == boost::beast::http::verb::head; }

private:
    /// What is wrong with where this request ends, if anything.
    const char* ambiguity() const;
    std::optional<Refusal> what_is_expected();
    bool has_too_many_fields() const;
    boost::asio::awaitable<boost::system::error_code> say_continue();
    boost::system::error_code parse();
    bool makes_room(double at_least);
    boost::asio::awaitable<bool> find_room();
    std::size_t next_piece() const;
    boost::asio::awaitable<boost::system::error_code> go_on();

    Peer& peer_;
    const ServerOptions& options_;
    boost::beast::http::request_parser<ArrivingBody> parser_;
    HttpRequest request_;
    std::uint64_t head_bytes_ = 0;  // of memory
    std::uint64_t reserved_ = 0;    // for the whole body, of who is verified
    std::size_t pieces_ = 0;        // that the parser took
    bool waits_for_continue_ = false;
};

}  // namespace runs_agent::net
