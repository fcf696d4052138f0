// SPDX-License-Identifier: MIT
#include "runs_server/http/request_body.hpp"

#include "base/inflater.hpp"
#include "base/text.hpp"
#include "runs_server/answers/answers.hpp"

#include <algorithm>

namespace runs_agent::runs_server {

using net::HttpRequest;
using net::HttpResponse;

namespace {

constexpr std::size_t step = 1024UL * 1024;

}  // namespace

std::optional<std::string_view> coding_of(const HttpRequest& request) {
    const auto coding = request.headers.find("Content-Encoding");
    if (coding && (coding->empty() || equals_ignoring_case(*coding, "identity")))
        return std::nullopt;
    return coding;
}

std::optional<HttpResponse> refuse_coding(const HttpRequest& request, bool may_be_packed) {
    const auto coding = coding_of(request);
    if (!coding) return std::nullopt;
    if (!may_be_packed)
        return failed(
            415, "only what reporters send and upload takes a Content-Encoding; send it as it is");
    if (!equals_ignoring_case(*coding, "gzip"))
        return failed(415, "the Content-Encoding must be gzip");
    return std::nullopt;
}

HttpResponse unpacks_to_too_much() {
    return failed(400,
                  "the gzip data unpacks to more than " + std::to_string(max_unpacked) + " bytes");
}

std::size_t promised_size(std::string_view packed) {
    constexpr std::size_t max_expansion = 1032;  // that deflate is capable of
    constexpr std::size_t trailer = 4;
    if (packed.size() < trailer) return 0;
    std::size_t size = 0;
    for (std::size_t i = packed.size(); i > packed.size() - trailer; --i)
        size = size << 8U | static_cast<unsigned char>(packed[i - 1]);
    return std::min({size, packed.size() * max_expansion, max_unpacked});
}

std::optional<HttpResponse> unpack(HttpRequest& request, net::MemoryShare& share) {
    Inflater packed(request.body);
    std::string plain;
    const std::size_t promised = promised_size(request.body);
    if (!share.resize(promised)) return no_room();
    // All at once, and a byte that tells that it was all: a text that grows is there twice for a
    // moment.
    plain.reserve(promised + 1);
    for (;;) {
        const std::size_t before = plain.size();
        const std::size_t spare = plain.capacity() - before;
        const std::size_t room =
            std::min({step, max_unpacked + 1 - before, spare > 0 ? spare : step});
        if (before + room > share.bytes() + 1 && !share.resize(before + room)) return no_room();
        plain.resize(before + room);
        const auto filled = packed.read(plain.data() + before, room);
        if (filled.has_error()) return failed(400, filled.error().message);
        plain.resize(before + *filled);
        if (plain.size() > max_unpacked) return unpacks_to_too_much();
        if (*filled < room) break;
    }
    request.body = std::move(plain);
    return std::nullopt;
}

}  // namespace runs_agent::runs_server
