// SPDX-License-Identifier: MIT
#include "net/server/request_reader.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <new>

namespace runs_agent::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace errc = boost::system::errc;
using boost::system::error_code;

namespace {

constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

/// What has come is read in one turn, as each turn waits for everybody else's, within these.
constexpr std::size_t small_piece = 4UL * 1024;
constexpr std::size_t large_piece = 64UL * 1024;
constexpr std::size_t tls_record = 16UL * 1024;
/// A field takes more memory than its bytes: about so much, here and in the parser.
constexpr std::size_t bytes_of_field = 150;
constexpr std::ptrdiff_t max_fields = 100;
/// A body may come in so many pieces, and in one more for so many bytes.
constexpr std::size_t max_pieces = 4096;
constexpr std::size_t bytes_of_piece = 16;

constexpr std::size_t small_body = 64UL * 1024;
constexpr std::size_t large_body = 1024UL * 1024;

Refusal refuse(int status, std::string_view why) {
    Refusal refusal;
    refusal.status = status;
    refusal.why = why;
    return refusal;
}

Refusal refusal_for(error_code failure) {
    if (failure == http::error::body_limit)
        return refuse(413, "the body is larger than this server accepts");
    if (failure == http::error::header_limit || failure == http::error::buffer_overflow)
        return refuse(431, "the request's header is too large");
    if (failure == errc::not_enough_memory)
        return refuse(503, "there is no memory for this request; send it again in a moment");
    if (failure == errc::message_size)
        return refuse(400, "the body comes in too many chunks of a few bytes");
    if (failure == asio::error::no_buffer_space)
        return refuse(503, "too many large requests at once; send it again in a moment");
    if (failure == http::error::end_of_stream || failure == http::error::partial_message) return {};
    if (failure.category() == make_error_code(http::error::bad_method).category())
        return refuse(400, "this is not a valid HTTP/1.1 request");
    return {};
}

}  // namespace

error_code ArrivingBody::reader::append(std::string_view bytes) {
    try {
        // Never more than was promised: a body of 64 MiB takes that. One that has shown itself to
        // be more than a small one gets its room at once, a very large one twice as much each time,
        // and the whole when that is no more than four times as much: a string that is told to grow
        // by less than twice would take twice.
        const std::size_t wanted = body_.size() + bytes.size();
        if (wanted > body_.capacity() && wanted <= promised_) {
            const bool at_once = wanted > small_body && promised_ <= large_body;
            const std::size_t twice = std::max(wanted, 2 * body_.capacity());
            body_.reserve(at_once || twice > promised_ / 2 ? promised_ : twice);
        }
        body_.append(bytes);
    } catch (const std::bad_alloc&) {
        return errc::make_error_code(errc::not_enough_memory);
    }
    return {};
}

RequestReader::RequestReader(Peer& peer, const ServerOptions& options)
    : peer_(peer), options_(options) {
    parser_.header_limit(options.max_header);
    parser_.body_limit(options.max_body);
    peer.arriving(&parser_.get().body());
}

RequestReader::~RequestReader() {
    peer_.arriving(nullptr);
}

/// Where a request ends must be the same to us and to any proxy before us, or one could hide a
/// second one in its body. Beast takes "gzip, chunked" for chunked and an unknown coding for none.
/// Source: RFC 9112 sections 3.2, 6.1 and 6.3.
const char* RequestReader::ambiguity() const {
    const auto& head = parser_.get();
    const auto codings = head.count(http::field::transfer_encoding);
    if (codings > 0 && (codings > 1 || head.version() < 11 || !parser_.chunked() ||
                        !beast::iequals(head[http::field::transfer_encoding], "chunked")))
        return "the Transfer-Encoding must be chunked alone, with HTTP/1.1";
    if (codings > 0 && head.count(http::field::content_length) > 0)
        return "a request has either Transfer-Encoding or Content-Length";
    if (head.version() >= 11 && head.count(http::field::host) != 1) return "a request has one Host";
    return nullptr;
}

/// Source: RFC 9110 section 10.1.1; who speaks HTTP/1.0 does not know what 100 is.
std::optional<Refusal> RequestReader::what_is_expected() {
    const auto& head = parser_.get();
    const auto expected = head.find(http::field::expect);
    if (expected == head.end() || head.version() < 11) return std::nullopt;
    if (!beast::iequals(expected->value(), "100-continue"))
        return refuse(417, "the one thing that this server can be expected to do is 100-continue");
    waits_for_continue_ = !parser_.is_done();
    return std::nullopt;
}

/// Gives the parser what has been read so far, up to the end of the head or of the body. Nothing
/// is wrong where it needs more.
error_code RequestReader::parse() {
    const bool in_head = !parser_.is_header_done();
    while (peer_.buffer.size() > 0 && !parser_.is_done() && in_head == !parser_.is_header_done()) {
        error_code failure;
        const std::size_t used = parser_.put(peer_.buffer.data(), failure);
        peer_.buffer.consume(used);
        if (failure == http::error::need_more) break;
        if (failure) return failure;
        // Each chunk is work, however little it brings.
        if (++pieces_ > max_pieces + parser_.get().body().size() / bytes_of_piece)
            return errc::make_error_code(errc::message_size);
    }
    return {};
}

/// Counts what the request holds now; where that is more than there is room for, others who have
/// held more for longer, and more than `at_least` (bytes times seconds), are given up.
bool RequestReader::makes_room(double at_least) {
    const Moment now = std::chrono::steady_clock::now();
    while (!peer_.hold(head_bytes_ +
                       std::max<std::uint64_t>(reserved_, parser_.get().body().capacity()))) {
        const double asking =
            std::max(at_least, memory_used(peer_.standing, now, options_.fairness));
        if (!options_.memory->reclaim(asking, now)) return false;
    }
    return true;
}

/// Strangers make room at once; for that which the verified hold, it is waited a while, and the
/// peer with it, as nothing more is read of it. Only where that does not help are those of them
/// given up that have stalled; else it is this one that has to send again.
asio::awaitable<bool> RequestReader::find_room() {
    // What the verified have used never comes to so much (standing.cpp).
    constexpr double of_strangers_alone = 100;
    constexpr std::chrono::milliseconds pause{20};
    const auto end = std::chrono::steady_clock::now() + options_.room_timeout;
    asio::steady_timer timer(peer_.stream.get_executor());
    while (!makes_room(of_strangers_alone)) {
        peer_.standing.moved_at = std::chrono::steady_clock::now();  // it waits for us
        if (peer_.standing.moved_at >= end) co_return makes_room(0);
        timer.expires_after(pause);
        co_await timer.async_wait(quietly);
        if (peer_.is_cut()) co_return false;
    }
    co_return true;
}

/// As much as is useful now: what is read of a next request takes memory for as long as this one is
/// worked on and answered, and a stranger may never read its answer.
std::size_t RequestReader::next_piece() const {
    const bool in_head = !parser_.is_header_done();
    if (in_head && !peer_.standing.verified) return small_piece;
    // Of TLS one read brings one record, whatever there is (RFC 8446 section 5.1).
    const std::size_t most = peer_.speaks_tls() ? tls_record : large_piece;
    const std::size_t piece = std::clamp(peer_.unread(), small_piece, most);
    if (in_head) return piece;
    const std::uint64_t left = parser_.content_length_remaining().value_or(piece);
    return std::clamp<std::uint64_t>(left, 1, piece);
}

/// Reads a piece and parses it. no_buffer_space: there is no room for it.
asio::awaitable<error_code> RequestReader::go_on() {
    const std::size_t room = peer_.buffer.max_size() - peer_.buffer.size();
    if (room == 0) co_return http::error::buffer_overflow;
    const error_code ended = co_await peer_.read_some(std::min(room, next_piece()));
    if (ended) co_return ended;
    if (peer_.is_cut()) co_return asio::error::operation_aborted;
    if (!co_await find_room()) co_return asio::error::no_buffer_space;
    co_return parse();
}

asio::awaitable<std::optional<Refusal>> RequestReader::read_head() {
    peer_.expect(options_.header_timeout);
    error_code failure = parse();
    while (!failure && !parser_.is_header_done()) failure = co_await go_on();
    if (failure) co_return refusal_for(failure);
    if (const char* const wrong = ambiguity()) co_return refuse(400, wrong);

    const auto& head = parser_.get();
    request_.method = std::string(head.method_string());
    request_.target = std::string(head.target());
    if (has_too_many_fields()) co_return refuse(431, "the request has more than 100 header fields");
    // Now, as Beast adds what trails a chunked body to them, which may not be mistaken for these
    // (RFC 9110 section 6.5.1).
    for (const auto& field : head) {
        request_.headers.add(std::string(field.name_string()), std::string(field.value()));
        head_bytes_ += bytes_of_field + 2 * (field.name_string().size() + field.value().size());
    }
    if (!co_await find_room()) co_return refusal_for(asio::error::no_buffer_space);
    if (const auto whole = split_absolute(request_.target)) {
        request_.headers.set("Host", whole->authority);
        request_.target = whole->rest;
    }
    if (!peer_.address.is_unspecified()) request_.peer = peer_.address.to_string();
    co_return what_is_expected();
}

bool RequestReader::has_too_many_fields() const {
    const auto& fields = parser_.get();
    return std::distance(fields.begin(), fields.end()) > max_fields;
}

asio::awaitable<error_code> RequestReader::say_continue() {
    constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
    const Peer::Buffers go_ahead{asio::buffer(text), asio::const_buffer()};
    peer_.now(Doing::writing);
    const error_code failure = co_await peer_.write(go_ahead);
    peer_.now(Doing::reading);
    co_return failure;
}

asio::awaitable<std::optional<Refusal>> RequestReader::read_body() {
    peer_.expect(options_.body_timeout);
    // Two large bodies, each of which has half of its room, would wait for one another.
    if (peer_.standing.verified && !parser_.is_done()) {
        reserved_ = parser_.content_length_remaining().value_or(0);
        if (!co_await find_room()) co_return refusal_for(asio::error::no_buffer_space);
    }
    error_code failure = parse();
    // Who has sent some of it already does not wait to be told.
    if (!failure && waits_for_continue_ && parser_.get().body().empty() &&
        peer_.buffer.size() == 0 && !parser_.is_done())
        failure = co_await say_continue();
    while (!failure && !parser_.is_done()) failure = co_await go_on();
    if (failure) co_return refusal_for(failure);
    if (has_too_many_fields()) co_return refuse(431, "more than 100 fields trail the body");
    co_return std::nullopt;
}

HttpRequest RequestReader::take() {
    peer_.arriving(nullptr);
    request_.body = std::move(parser_.get().body());
    return std::move(request_);
}

}  // namespace runs_agent::net
