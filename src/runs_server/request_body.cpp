#include "runs_server/request_body.hpp"

#include "base/encoding.hpp"
#include "runs_server/answers.hpp"
#include "runs_server/json_text.hpp"

namespace runs_agent::runs_server {

using net::HttpRequest;
using net::HttpResponse;

namespace {

constexpr std::size_t max_unpacked = 96UL * 1024 * 1024;
constexpr std::size_t longest_key = 1024;

/// Absent where the body is as it is sent (RFC 9110 section 8.4.1: identity says just that).
std::optional<std::string_view> coding_of(const HttpRequest& request) {
    const auto coding = request.headers.find("Content-Encoding");
    if (coding && (coding->empty() || net::equals_ignoring_case(*coding, "identity")))
        return std::nullopt;
    return coding;
}

std::variant<std::string, HttpResponse> unpacked(const HttpRequest& request,
                                                 std::string_view coding) {
    if (!net::equals_ignoring_case(coding, "gzip"))
        return failed(415, "the Content-Encoding must be gzip");
    auto plain = gunzip(request.body, max_unpacked);
    if (plain.has_error()) return failed(400, plain.error().message);
    return std::move(*plain);
}

}  // namespace

std::optional<HttpResponse> unpack(HttpRequest& request, bool may_be_packed) {
    const auto coding = coding_of(request);
    if (!coding) return std::nullopt;
    if (!may_be_packed)
        return failed(
            415,
            "only POST /v1/runs and /v1/runs/cancel take a Content-Encoding; send it as it is");
    auto plain = unpacked(request, *coding);
    if (auto* const refused = std::get_if<HttpResponse>(&plain)) return std::move(*refused);
    request.body = std::get<std::string>(std::move(plain));
    return std::nullopt;
}

std::variant<std::string, HttpResponse> record_key_of(const HttpRequest& request) {
    std::variant<std::string, HttpResponse> plain;
    if (const auto coding = coding_of(request)) {
        plain = unpacked(request, *coding);
        if (std::holds_alternative<HttpResponse>(plain)) return plain;
    }
    const auto& own = std::get<std::string>(plain);
    Peeked peeked = peek(own.empty() ? request.body : own, "recordKey");
    if (!peeked.fault.empty()) return failed(400, peeked.fault);
    // What is no key need not wait, and be held, until the database is asked.
    if (peeked.text.size() > longest_key) return std::string();
    return std::move(peeked.text);
}

}  // namespace runs_agent::runs_server
