#include "net/request_reader.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <new>

namespace runs_agent::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace errc = boost::system::errc;
using boost::system::error_code;

namespace {

constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

/// Bodies up to this are never refused for want of room: deliveries are a tenth of it.
constexpr std::size_t small_body = 256UL * 1024;

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
    if (failure == http::error::end_of_stream || failure == http::error::partial_message) return {};
    if (failure.category() == make_error_code(http::error::bad_method).category())
        return refuse(400, "this is not a valid HTTP/1.1 request");
    return {};
}

}  // namespace

error_code ArrivingBody::reader::append(std::string_view bytes) {
    try {
        body_.append(bytes);
    } catch (const std::bad_alloc&) {
        return errc::make_error_code(errc::not_enough_memory);
    }
    return {};
}

RequestReader::RequestReader(beast::tcp_stream& stream, beast::flat_buffer& buffer,
                             const ServerOptions& options, std::uint64_t& all_bodies)
    : stream_(stream), buffer_(buffer), options_(options), all_bodies_(all_bodies) {
    parser_.header_limit(options.max_header);
    parser_.body_limit(options.max_body);
}

RequestReader::~RequestReader() {
    all_bodies_ -= counted_;
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

asio::awaitable<std::optional<Refusal>> RequestReader::read_head() {
    stream_.expires_after(options_.header_timeout);
    auto [failure, count] = co_await http::async_read_header(stream_, buffer_, parser_, quietly);
    if (failure) co_return refusal_for(failure);
    if (const char* const wrong = ambiguity()) co_return refuse(400, wrong);

    const auto& head = parser_.get();
    request_.method = std::string(head.method_string());
    request_.target = std::string(head.target());
    // Now, as Beast adds what trails a chunked body to them, which may not be mistaken for these
    // (RFC 9110 section 6.5.1).
    for (const auto& field : head)
        request_.headers.add(std::string(field.name_string()), std::string(field.value()));
    co_return std::nullopt;
}

asio::awaitable<std::optional<Refusal>> RequestReader::read_body() {
    stream_.expires_after(options_.body_timeout);
    error_code failure;
    if (!parser_.is_done() && beast::iequals(parser_.get()[http::field::expect], "100-continue")) {
        http::response<http::empty_body> go_on(http::status::continue_, 11);
        auto [expect_failure, sent] = co_await http::async_write(stream_, go_on, quietly);
        failure = expect_failure;
    }
    while (!failure && !parser_.is_done()) {
        auto [read_failure, count] =
            co_await http::async_read_some(stream_, buffer_, parser_, quietly);
        failure = read_failure;
        const std::uint64_t arrived = parser_.get().body().size();
        all_bodies_ += arrived - counted_;
        counted_ = arrived;
        if (!failure && arrived > small_body && all_bodies_ > options_.max_bodies)
            co_return refuse(503, "too many large requests at once; send it again in a moment");
    }
    if (failure) co_return refusal_for(failure);
    co_return std::nullopt;
}

HttpRequest RequestReader::take() {
    error_code no_peer;  // the peer may have gone while its request was read
    const auto peer = stream_.socket().remote_endpoint(no_peer);
    if (!no_peer) request_.peer = peer.address().to_string();
    request_.body = std::move(parser_.get().body());
    return std::move(request_);
}

}  // namespace runs_agent::net
