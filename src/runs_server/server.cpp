#include "runs_server/server.hpp"

#include "base/encoding.hpp"
#include "runs_server/answers.hpp"
#include "runs_server/keys.hpp"
#include "runs_server/request_body.hpp"
#include "runs_server/routes.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace runs_agent::runs_server {

namespace asio = boost::asio;
using net::HttpRequest;
using net::HttpResponse;
using sqlite::Database;

namespace {

constexpr std::size_t worth_packing = 1024;
constexpr std::size_t max_plain_find = 1024UL * 1024;
constexpr std::string_view version_prefix = "/v1";

/// The key of "Authorization: Bearer KEY" (RFC 6750 section 2.1).
std::string bearer(const HttpRequest& request) {
    const std::string_view header = request.headers.find("Authorization").value_or("");
    constexpr std::string_view scheme = "bearer ";
    if (header.size() <= scheme.size() ||
        !net::equals_ignoring_case(header.substr(0, scheme.size()), scheme))
        return {};
    return std::string(header.substr(scheme.size()));
}

bool is_host(std::string_view text) {
    return !text.empty() && text.size() <= 255 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-' || c == '_' || c == ':' || c == '[' || c == ']';
    });
}

/// The server as its client knows it (RFC 9110 section 7.2): behind a port mapping or a proxy that
/// is not the address it listens on.
std::string base_url_of(const HttpRequest& request) {
    const std::string_view host = request.headers.find("Host").value_or("");
    const bool tls = request.headers.find("X-Forwarded-Proto").value_or("") == "https";
    return (tls ? "https://" : "http://") + std::string(is_host(host) ? host : "localhost") +
           std::string(version_prefix);
}

HttpResponse no_route(const Match& match) {
    if (match.allow.empty()) return failed(404, "there is no such operation; the API is at /v1");
    HttpResponse response = failed(405, "this address takes " + match.allow);
    response.headers.add("Allow", match.allow);
    return response;
}

/// Packs a large answer where the client takes that. GET /runs/find answers nothing over 1 MB
/// unpacked, as its documentation says.
HttpResponse packed(HttpResponse response, const HttpRequest& request, const Route& route) {
    if (response.body.size() < worth_packing || response.headers.has("Content-Security-Policy"))
        return response;
    if (net::accepts_gzip(request.headers)) {
        response.body = gzip(response.body, 4);
        response.headers.add("Content-Encoding", "gzip");
        response.headers.add("Vary", "Accept-Encoding");
    } else if (route.path == "/runs/find" && response.body.size() > max_plain_find) {
        return failed(406,
                      "the run is larger than 1 MB, which is only sent compressed: add the "
                      "header Accept-Encoding: gzip");
    }
    return response;
}

/// Who asks; or the answer for somebody who may not.
struct Admitted {
    std::string actor;
    std::optional<HttpResponse> refused;
};

}  // namespace

struct RunsServer::Shared {
    Sha256 process_key;
    UrlSigner signer;

    Admitted admit_key(Database& database, const HttpRequest& request, bool writes) const;
    Admitted admit(Database& database, const HttpRequest& request, const Route& route,
                   std::string_view path, Time now) const;
    HttpResponse answer(Database& database, HttpRequest request, const Match& match,
                        std::string_view path, Time now) const;
};

Admitted RunsServer::Shared::admit_key(Database& database, const HttpRequest& request,
                                       bool writes) const {
    const std::string key = bearer(request);
    if (equal_in_constant_time(sha256(key), process_key)) return {"api:runs-agent", {}};
    const auto known = find_key(database, KeyKind::api, key);
    if (!known) return {"", failed(401, "Invalid API key provided")};
    if (known->read_only && writes)
        return {"", failed(403, "this API key may only read; use one that may write")};
    return {"api:" + known->name, {}};
}

Admitted RunsServer::Shared::admit(Database& database, const HttpRequest& request,
                                   const Route& route, std::string_view path, Time now) const {
    if (route.access == Access::api_key) return admit_key(database, request, route.method != "GET");
    if (route.access == Access::signature &&
        !signer.allows(route.method, path, net::query_of(request.target), now))
        return {"", failed(403,
                           "this URL was not made by this server for this use, or is older "
                           "than two hours; ask for a new one")};
    return {};
}

HttpResponse RunsServer::Shared::answer(Database& database, HttpRequest request, const Match& match,
                                        std::string_view path, Time now) const {
    Admitted admitted = admit(database, request, *match.route, path, now);
    if (admitted.refused) return std::move(*admitted.refused);
    if (auto refused = unpack(request, match.route->access == Access::record_key))
        return std::move(*refused);
    const Call call{database,
                    now,
                    match.ids,
                    net::query_of(request.target),
                    std::string(request.headers.find("Content-Type").value_or("")),
                    std::move(request.body),
                    std::move(admitted.actor),
                    ArtifactUrls{base_url_of(request), signer}};
    return packed(match.route->operation(call), request, *match.route);
}

namespace {

/// On the thread that unpacks.
asio::awaitable<std::variant<std::string, HttpResponse>> look_for_key(
    std::shared_ptr<const HttpRequest> request) {
    try {
        co_return record_key_of(*request);
    } catch (const std::bad_alloc&) {
        HttpResponse unavailable = failed(503, "there is no memory for it now; try again soon");
        unavailable.headers.add("Retry-After", "5");
        co_return unavailable;
    }
}

}  // namespace

RunsServer::RunsServer(sqlite::Worker& database, const Clock& clock, Log& log,
                       std::string process_key, std::string url_key)
    : shared_(std::make_shared<const Shared>(
          Shared{sha256(process_key), UrlSigner(std::move(url_key))})),
      database_(database),
      clock_(clock),
      log_(log) {}

asio::awaitable<Result<bool>> RunsServer::is_known(std::string record_key) {
    // In the writer's row, so that who records waits for no reader; it takes no longer than that.
    std::function<Result<bool>(Database&)> job =
        [key = std::move(record_key)](Database& database) -> Result<bool> {
        return find_key(database, KeyKind::record, key).has_value();
    };
    co_return co_await database_.write(std::move(job));
}

asio::awaitable<Result<HttpResponse>> RunsServer::answer(std::shared_ptr<HttpRequest> request,
                                                         Match found, std::string path, Time now) {
    if (found.route->access == Access::record_key) {
        auto search = look_for_key(request);
        auto brought = co_await asio::co_spawn(unpacking_, std::move(search), asio::use_awaitable);
        if (auto* const refused = std::get_if<HttpResponse>(&brought))
            co_return std::move(*refused);
        std::string key = std::get<std::string>(std::move(brought));
        Result<bool> known = false;
        if (!key.empty()) known = co_await is_known(std::move(key));
        if (known.has_error()) co_return known.error();
        if (!*known) co_return failed(401, "Invalid record key provided");
    }
    const bool writes = found.route->method != "GET";
    // Named, as g++ 12 copies a temporary closure of a co_await expression bit by bit.
    std::function<Result<HttpResponse>(Database&)> job =
        [shared = shared_, request = std::move(request), found = std::move(found),
         path = std::move(path), now](Database& database) -> Result<HttpResponse> {
        return shared->answer(database, std::move(*request), found, path, now);
    };
    if (writes) co_return co_await database_.write(std::move(job));
    co_return co_await database_.read(std::move(job));
}

asio::awaitable<HttpResponse> RunsServer::handle(HttpRequest request) {
    const Time now = clock_.now();
    const std::string method = request.method;
    const std::string path = net::path_of(request.target).value_or("");
    const bool below = path.starts_with(version_prefix);
    const std::string inner = below ? path.substr(version_prefix.size()) : "";
    const Match found = match(method, inner);
    if (found.route == nullptr) co_return no_route(found);

    const Access found_access = found.route->access;
    auto shared_request = std::make_shared<HttpRequest>(std::move(request));
    Result<HttpResponse> answered = co_await answer(std::move(shared_request), found, inner, now);
    if (answered.has_error()) {
        log_.limited(LogLevel::error, "api.failed",
                     {{"method", method}, {"path", path}, {"error", answered.error().message}});
        HttpResponse unavailable =
            failed(503, "the database did not answer; try again in a moment");
        unavailable.headers.add("Retry-After", "5");
        co_return unavailable;
    }
    HttpResponse response = std::move(*answered);
    const auto took = clock_.now() - now;
    const bool anybody = response.status >= 400 || found_access == Access::open;
    const auto tell = [&](Log::Fields fields) {
        anybody ? log_.limited(LogLevel::debug, "api.answered", fields)
                : log_.debug("api.answered", fields);
    };
    tell({{"method", method}, {"path", path}, {"status", response.status}, {"ms", took.count()}});
    co_return response;
}

}  // namespace runs_agent::runs_server
