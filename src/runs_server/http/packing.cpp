// SPDX-License-Identifier: MIT
#include "runs_server/http/packing.hpp"

#include "base/encoding.hpp"
#include "runs_server/answers/answers.hpp"
#include "runs_server/http/openapi.hpp"

#include <memory>

namespace runs_agent::runs_server {

using net::HttpRequest;
using net::HttpResponse;

namespace {

constexpr std::size_t worth_packing = 1024;
constexpr std::size_t max_plain_find = 1024UL * 1024;

void name_coding(HttpResponse& response) {
    response.headers.add("Content-Encoding", "gzip");
    response.headers.add("Vary", "Accept-Encoding");
}

HttpResponse pack(HttpResponse response, const HttpRequest& request, const Route& route) {
    if (response.body.size() < worth_packing || response.headers.has("Content-Security-Policy"))
        return response;
    if (net::accepts_gzip(request.headers)) {
        response.body = gzip(response.body, 4);
        name_coding(response);
    } else if (route.path == "/runs/find" && response.body.size() > max_plain_find) {
        return failed(406,
                      "the run is larger than 1 MB, which is only sent compressed: add the "
                      "header Accept-Encoding: gzip");
    }
    return response;
}

}  // namespace

HttpResponse packed(HttpResponse response, const HttpRequest& request, const Route& route) {
    HttpResponse made = pack(std::move(response), request, route);
    // It is made, and was allowed to take more than this.
    if (made.memory) (void)made.memory->resize(made.body.size());
    return made;
}

HttpResponse packed_document(const HttpRequest& request) {
    static const auto plain = std::make_shared<const std::string>(openapi_document());
    static const auto small = std::make_shared<const std::string>(gzip(*plain));
    HttpResponse response = net::json_response(200, {});
    const bool is_packed = net::accepts_gzip(request.headers);
    response.document = is_packed ? small : plain;
    if (is_packed) name_coding(response);
    return response;
}

}  // namespace runs_agent::runs_server
