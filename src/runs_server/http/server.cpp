// SPDX-License-Identifier: MIT
#include "runs_server/http/server.hpp"

#include "base/host_name.hpp"
#include "runs_server/answers/answers.hpp"
#include "runs_server/answers/room.hpp"
#include "runs_server/http/once.hpp"
#include "runs_server/http/packing.hpp"
#include "runs_server/http/request_body.hpp"
#include "runs_server/notifying/announce.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <malloc.h>

namespace runs_agent::runs_server {

namespace asio = boost::asio;
using net::HttpRequest;
using net::HttpResponse;
using sqlite::Database;

namespace {

constexpr std::string_view version_prefix = "/v1";
constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

bool is_host(std::string_view text) {
    return !text.empty() && text.size() <= 255 && std::all_of(text.begin(), text.end(), [](char c) {
        return is_host_character(c) || c == '[' || c == ']';
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

/// Of a whole path: below /v1, or one of the director's.
struct Place {
    std::string inner;  // as its table has it
    Match match;
};

Place place_of(std::string_view method, const HttpRequest& request) {
    Place place{net::path_of(request.target).value_or(""), {}};
    if (place.inner.starts_with(version_prefix)) {
        place.inner.erase(0, version_prefix.size());
        place.match = match(method, place.inner);
    } else {
        place.match = match_director(method, place.inner);
    }
    return place;
}

/// Bodies of reporters, and files, which they pack as well.
bool may_be_packed(const Route& route) {
    return route.access != Access::api_key && route.method != "GET";
}

/// Reporters send again what was not answered, with the key that it had.
bool may_come_twice(const Route& route) {
    return (route.access == Access::reporter || route.access == Access::record_key) &&
           route.method == "POST";
}

HttpResponse no_route(const Match& match) {
    if (match.allow.empty())
        return failed(404,
                      "there is no such operation; the API is at /v1, and what reporters use"
                      " beside it is in its documentation");
    HttpResponse response = failed(405, "this address takes " + match.allow);
    response.headers.add("Allow", match.allow);
    return response;
}

/// What was freed of something large would else stay with the heap of the thread that worked on it
/// (mallopt(3), M_TRIM_THRESHOLD).
void give_back_memory([[maybe_unused]] std::size_t worked_on) {
#ifdef __GLIBC__
    constexpr std::size_t large = 1024UL * 1024;
    if (worked_on >= large) ::malloc_trim(0);
#endif
}

}  // namespace

struct RunsServer::Shared {
    std::shared_ptr<const Secrets> secrets;
    std::shared_ptr<net::MemoryBudget> memory;
    HookTargets hook_targets;

    HttpResponse answer(Database& database, HttpRequest& request,
                        std::shared_ptr<AnnouncedBody> announced, const Match& match,
                        LogLines& lines, Time now) const;
};

/// Takes the request's body. Who asks has been admitted; whether that still holds is seen in this
/// transaction, for record keys by the operation.
HttpResponse RunsServer::Shared::answer(Database& database, HttpRequest& request,
                                        std::shared_ptr<AnnouncedBody> announced,
                                        const Match& match, LogLines& lines, Time now) const {
    const Route& route = *match.route;
    Admitted admitted;
    if (route.access == Access::api_key)
        admitted = admit_key(database, *secrets, request, route.method != "GET");
    if (route.access == Access::reporter) admitted = admit_reporter(database, request);
    if (admitted.refused) return std::move(*admitted.refused);
    const std::string identity = may_come_twice(route) ? identity_of(request) : "";
    RoutedRequest call{database,
                       now,
                       match.ids,
                       net::query_of(request.target),
                       request.headers,
                       std::move(request.body),
                       std::move(announced),
                       std::move(admitted.actor),
                       ArtifactUrls{base_url_of(request), secrets->signer},
                       memory,
                       lines,
                       hook_targets};
    if (auto before = identity.empty() ? std::nullopt : answered_before(database, identity))
        if (route.still_holds == nullptr || route.still_holds(call, before->seq))
            return std::move(before->response);
    const std::size_t brought = call.announced ? call.announced->size() : call.body.size();
    HttpResponse answer = route.operation(call);
    if (!identity.empty()) record_answer(database, identity, answer, now);
    HttpResponse response = packed(std::move(answer), request, route);
    give_back_memory(std::max(brought, response.body.size()));
    return response;
}

namespace {

/// What a write leaves to be done once it is on disk.
struct AfterCommit {
    bool news = false;  // for webhooks
    LogLines lines;
};

/// Bytes, unpacked. What is announced in more is read one by one.
constexpr std::size_t large_announcement = 256UL * 1024;
/// Who announces has given up by then, and sends again.
constexpr std::chrono::seconds max_wait_for_turn{20};

/// Bytes that reading a suite takes beside the body: its values, the texts that are kept of them,
/// and what grows with both. One alone can always be read, whatever else arrives (MemoryBudget).
std::uint64_t room_to_read(std::uint64_t body) {
    constexpr std::uint64_t times = 3;
    constexpr std::uint64_t max_with_body = 110ULL * 1024 * 1024;
    return std::min(times * body, max_with_body - std::min(body, max_with_body));
}

/// Waits a little where there is none: reports of some size would else refuse one another, and
/// official reporters do not all send again. Null where there is none even then.
asio::awaitable<std::shared_ptr<net::MemoryShare>> room_for(
    std::shared_ptr<net::MemoryBudget> memory, std::uint64_t bytes) {
    constexpr std::chrono::milliseconds pause{20};
    constexpr int max_pauses = 250;
    constexpr int pauses_before_others_go = 50;
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor);
    for (int pauses = 0;; ++pauses) {
        if (auto share = take_room(memory, bytes)) co_return share;
        // Answers that are read too slowly to end are held against no one's report.
        if (pauses >= pauses_before_others_go && memory &&
            memory->reclaim(0, std::chrono::steady_clock::now()))
            continue;
        if (pauses >= max_pauses) co_return nullptr;
        timer.expires_after(pause);
        co_await timer.async_wait(quietly);
    }
}

/// On the thread that unpacks.
asio::awaitable<std::optional<HttpResponse>> unpack_here(std::shared_ptr<HttpRequest> request,
                                                         std::shared_ptr<net::MemoryShare> room) {
    try {
        co_return unpack(*request, *room);
    } catch (const std::bad_alloc&) {
        co_return no_room();
    }
}

/// On the same thread. Null where there is no memory.
asio::awaitable<std::shared_ptr<AnnouncedBody>> read_rest_here(std::shared_ptr<HttpRequest> request,
                                                               std::string suite) {
    try {
        co_return std::make_shared<AnnouncedBody>(std::move(request->body), suite);
    } catch (const std::bad_alloc&) {
        co_return nullptr;
    }
}

/// False where there is no memory.
asio::awaitable<bool> read_suite_here(std::shared_ptr<AnnouncedBody> announced) {
    try {
        announced->read_suite();
        give_back_memory(announced->size());
        co_return true;
    } catch (const std::bad_alloc&) {
        co_return false;
    }
}

}  // namespace

RunsServer::RunsServer(sqlite::Worker& database, const Clock& clock, Log& log,
                       RunsServerOptions setup)
    : shared_(std::make_shared<const Shared>(
          Shared{std::make_shared<const Secrets>(
                     Secrets{sha256(setup.process_key), UrlSigner(std::move(setup.url_key))}),
                 std::move(setup.memory), std::move(setup.hook_targets)})),
      database_(database),
      clock_(clock),
      log_(log),
      on_news_(std::move(setup.on_news)),
      on_deleted_(std::move(setup.on_deleted)),
      admission_(setup.database_path, shared_->secrets) {}

asio::awaitable<Result<HttpResponse>> RunsServer::answer(std::shared_ptr<HttpRequest> request,
                                                         Match found, std::string path, Time now) {
    const Route* const route = found.route;
    if (route->access == Access::open) co_return packed_document(*request);
    std::shared_ptr<const HttpRequest> asked = request;
    Result<std::optional<HttpResponse>> refused =
        co_await admission_.refusal(std::move(asked), route, std::move(path), now);
    if (refused.has_error()) co_return refused.error();
    if (*refused) co_return std::move(**refused);
    Result<HttpResponse> answered =
        co_await answer_known(std::move(request), std::move(found), now);
    constexpr int unauthorized = 401;  // the key was revoked meanwhile
    if (answered.has_value()) answered->known_sender = answered->status != unauthorized;
    co_return answered;
}

asio::awaitable<Result<HttpResponse>> RunsServer::answer_known(std::shared_ptr<HttpRequest> request,
                                                               Match found, Time now) {
    if (auto refused = refuse_coding(*request, may_be_packed(*found.route)))
        co_return std::move(*refused);
    if (!found.route->suite.empty())
        co_return co_await announce(std::move(request), std::move(found), now);
    Unpacked unpacked = co_await unpack_if_packed(request);
    if (unpacked.refused) co_return std::move(*unpacked.refused);
    co_return co_await perform(std::move(request), nullptr, std::move(unpacked.room),
                               std::move(found), now);
}

asio::awaitable<RunsServer::Unpacked> RunsServer::unpack_if_packed(
    std::shared_ptr<HttpRequest> request) {
    Unpacked unpacked;
    if (!coding_of(*request)) co_return unpacked;
    unpacked.room = co_await room_for(shared_->memory, promised_size(request->body));
    if (unpacked.room) {
        auto unpacking = unpack_here(request, unpacked.room);
        unpacked.refused =
            co_await asio::co_spawn(unpacking_, std::move(unpacking), asio::use_awaitable);
    } else {
        unpacked.refused = no_room();
    }
    co_return unpacked;
}

/// One large suite at a time is unpacked, read and written, as it takes a multiple of its body
/// meanwhile. Who announces the same one finds it known when its turn comes, and does not read it.
asio::awaitable<Result<HttpResponse>> RunsServer::announce(std::shared_ptr<HttpRequest> request,
                                                           Match found, Time now) {
    const std::size_t size =
        coding_of(*request) ? promised_size(request->body) : request->body.size();
    if (size <= large_announcement)
        co_return co_await announce_in_turn(std::move(request), std::move(found), now);
    const auto turn = co_await announcing_.next(max_wait_for_turn);
    if (!turn) co_return try_again("others announce their suites; try again in a moment");
    co_return co_await announce_in_turn(std::move(request), std::move(found), now);
}

asio::awaitable<Result<HttpResponse>> RunsServer::announce_in_turn(
    std::shared_ptr<HttpRequest> request, Match found, Time now) {
    Unpacked unpacked = co_await unpack_if_packed(request);
    if (unpacked.refused) co_return std::move(*unpacked.refused);
    auto reading = read_rest_here(request, std::string(found.route->suite));
    std::shared_ptr<AnnouncedBody> announced =
        co_await asio::co_spawn(unpacking_, std::move(reading), asio::use_awaitable);
    if (!announced) co_return no_room();
    std::shared_ptr<net::MemoryShare> room;  // for what is read of it
    const Result<bool> known = co_await knows(announced);
    if (known.has_error()) co_return known.error();
    if (!*known) {
        room = co_await room_for(shared_->memory, room_to_read(announced->size()));
        if (!room) co_return no_room();
        auto suite_reading = read_suite_here(announced);
        const bool done =
            co_await asio::co_spawn(unpacking_, std::move(suite_reading), asio::use_awaitable);
        if (!done) co_return no_room();
    }
    co_return co_await perform(std::move(request), std::move(announced), std::move(unpacked.room),
                               std::move(found), now);
}

/// Also where something is wrong with the body, of which nothing is read then.
asio::awaitable<Result<bool>> RunsServer::knows(std::shared_ptr<AnnouncedBody> announced) {
    if (!announced->wrong().empty()) co_return true;
    std::function<Result<bool>(Database&)> job = [announced](Database& database) -> Result<bool> {
        return knows_suite(database, *announced);
    };
    co_return co_await database_.read(std::move(job));
}

asio::awaitable<Result<HttpResponse>> RunsServer::perform(std::shared_ptr<HttpRequest> request,
                                                          std::shared_ptr<AnnouncedBody> announced,
                                                          std::shared_ptr<net::MemoryShare> room,
                                                          Match found, Time now) {
    const bool writes = found.route->method != "GET";
    const bool deletes = found.route->method == "DELETE";
    const auto after = std::make_shared<AfterCommit>();
    // Named, as g++ 12 copies a temporary closure of a co_await expression bit by bit.
    std::function<Result<HttpResponse>(Database&)> job =
        [shared = shared_, request = std::move(request), announced = std::move(announced),
         room = std::move(room), found = std::move(found), now, writes,
         after](Database& database) -> Result<HttpResponse> {
        HttpResponse response =
            shared->answer(database, *request, announced, found, after->lines, now);
        if (writes) after->news = announce_changes(database, base_url_of(*request), now);
        if (room) room->release();
        return response;
    };
    if (!writes) co_return co_await database_.read(std::move(job));
    Result<HttpResponse> answered = co_await database_.write(std::move(job));
    if (answered.has_error()) co_return answered;
    after->lines.write(log_);
    if (after->news && on_news_) on_news_();
    if (deletes && on_deleted_) on_deleted_();
    co_return answered;
}

bool RunsServer::wants_body(const HttpRequest& head) {
    const Place place = place_of(head.method, head);
    const Match& found = place.match;
    if (found.route == nullptr) return false;
    if (found.route->access == Access::run_id) return !run_id_of(head, place.inner).empty();
    if (found.route->access == Access::api_key) return head.headers.has("Authorization");
    return found.route->access != Access::reporter || head.headers.has("x-currents-key");
}

bool RunsServer::knows_sender(const HttpRequest& head) const {
    const Place place = place_of(head.method, head);
    const Route* const route = place.match.route;
    if (route == nullptr) return false;
    if (route->access == Access::reporter || route->access == Access::record_key)
        return admission_.knows_reporter(head);
    return route->access == Access::signature &&
           shared_->secrets->signer.allows(route->method, place.inner, net::query_of(head.target),
                                           clock_.now());
}

asio::awaitable<HttpResponse> RunsServer::handle(HttpRequest request) {
    const Time now = clock_.now();
    const std::string method = request.method;
    const std::string path = net::path_of(request.target).value_or("");
    const Place place = place_of(method, request);
    const std::string& inner = place.inner;
    const Match& found = place.match;
    if (found.route == nullptr) co_return no_route(found);

    const Access found_access = found.route->access;
    auto shared_request = std::make_shared<HttpRequest>(std::move(request));
    Result<HttpResponse> answered = co_await answer(std::move(shared_request), found, inner, now);
    if (answered.has_error()) {
        log_.limited(LogLevel::error, "api.failed",
                     {{"method", method}, {"path", path}, {"error", answered.error().message}});
        co_return try_again("the database did not answer; try again in a moment");
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
