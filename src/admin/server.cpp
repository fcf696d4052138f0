// SPDX-License-Identifier: MIT
#include "admin/server.hpp"

#include "admin/desk.hpp"
#include "admin/page/assets.hpp"
#include "base/wakeup.hpp"
#include "json/writing.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <algorithm>

namespace runs_agent::admin {

namespace asio = boost::asio;

namespace {

/// So many wrong tokens may wait at once; more are told to come later.
constexpr int max_waiting = 16;

/// The segments of a path, each decoded; absent where an escape is broken.
std::optional<std::vector<std::string>> segments_of(std::string_view target) {
    std::string_view path = target.substr(0, target.find('?'));
    std::vector<std::string> segments;
    while (!path.empty()) {
        path.remove_prefix(1);  // the slash
        const std::string_view raw = path.substr(0, path.find('/'));
        path.remove_prefix(raw.size());
        const auto decoded = net::path_of("/" + std::string(raw));
        if (!decoded) return std::nullopt;
        segments.push_back(decoded->substr(1));
    }
    if (segments.size() == 1 && segments.front().empty()) segments.clear();
    return segments;
}

/// What keeps a browser from doing with our answers what others want: no script, frame, form or
/// address but our own. Source: W3C Content Security Policy Level 3.
void protect(net::HttpResponse& response) {
    response.headers.set(
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'");
    response.headers.set("X-Content-Type-Options", "nosniff");
    // Not "no-referrer", with which a browser says Origin: null of its own forms.
    response.headers.set("Referrer-Policy", "same-origin");
    response.headers.set("Cross-Origin-Opener-Policy", "same-origin");
    response.headers.set("Cross-Origin-Resource-Policy", "same-origin");
    if (!response.headers.has("Cache-Control")) response.headers.set("Cache-Control", "no-store");
}

std::optional<net::HttpResponse> asset_of(const Asked& asked) {
    if (asked.path.size() != 1 || asked.is_post()) return std::nullopt;
    const page::Asset* const asset = page::find_asset(asked.path.front());
    if (asset == nullptr) return std::nullopt;
    net::HttpResponse response;
    response.headers.add("Content-Type", std::string(asset->type));
    const bool packed = net::accepts_gzip(asked.request.headers);
    if (packed) response.headers.add("Content-Encoding", "gzip");
    response.headers.add("Vary", "Accept-Encoding");
    response.headers.add("Cache-Control", "public, max-age=31536000, immutable");
    response.document = packed ? asset->packed : asset->content;
    return response;
}

}  // namespace

struct Admin::State {
    State(asio::any_io_executor runs_on, AdminOptions options, store::Store& store, Clock& clock,
          Log& all)
        : access(options.token, options.read_token),
          desk(std::move(options), store, clock),
          log(all),
          executor(std::move(runs_on)) {}

    Access access;
    Desk desk;
    Log& log;
    asio::any_io_executor executor;
    int waiting = 0;

    asio::awaitable<bool> wait_with_failure(std::string peer);
    asio::awaitable<net::HttpResponse> sign_in(Asked asked);
    asio::awaitable<net::HttpResponse> answer(net::HttpRequest request);
    asio::awaitable<net::HttpResponse> answer_known(Asked asked);
    net::HttpResponse refuse(const Asked& asked, int status, const std::string& why);
};

/// Whoever guesses waits, and the more do so at once the longer; whoever has a token does not.
/// False: too many wait already.
asio::awaitable<bool> Admin::State::wait_with_failure(std::string peer) {
    log.limited(LogLevel::warning, "admin.refused", {{"peer", peer}});
    if (waiting >= max_waiting) co_return false;
    ++waiting;
    Wakeup pause(executor);  // that nothing ends early
    co_await pause.wait_for(desk.clock, desk.told.failure_delay * waiting);
    --waiting;
    co_return true;
}

net::HttpResponse Admin::State::refuse(const Asked& asked, int status, const std::string& why) {
    if (!asked.path.empty() && asked.path.front() == "api") {
        json::ObjectWriter json;
        json.text("error", why);
        return net::json_response(status, json.finish());
    }
    return html_response(
        status,
        page::message(frame_of(desk, asked, page::Screen::none, "Not done"), "Not done", why));
}

asio::awaitable<net::HttpResponse> Admin::State::sign_in(Asked asked) {
    page::Frame frame = frame_of(desk, asked, page::Screen::none, "Sign in");
    if (!asked.is_post()) co_return html_response(200, page::sign_in(frame, ""));
    const auto role = access.role_of(asked.value("token"));
    if (!role) {
        const bool waited = co_await wait_with_failure(asked.request.peer);
        co_return html_response(
            waited ? 403 : 429,
            page::sign_in(frame, waited ? "That is not the token."
                                        : "Too many wrong tokens; try again in a minute."));
    }
    const bool secure =
        desk.told.tls || asked.request.headers.find("X-Forwarded-Proto").value_or("") == "https";
    net::HttpResponse response = see("./");
    response.headers.add("Set-Cookie",
                         access.sign_in(*role, asked.value("name"), secure, desk.clock.now()));
    log.info("admin.signed_in",
             {{"name", asked.value("name")}, {"may_change", *role == Role::admin}});
    co_return response;
}

asio::awaitable<net::HttpResponse> Admin::State::answer_known(Asked asked) {
    if (asked.is_post()) {
        const std::string fault =
            Access::fault_of(asked.visitor, asked.request, asked.value("form_token"));
        if (!fault.empty() && !asked.is({"sign-out"})) co_return refuse(asked, 403, fault);
    }
    if (asked.is({"sign-out"}) && asked.is_post()) {
        net::HttpResponse response = see("sign-in");
        response.headers.add("Set-Cookie", Access::sign_out());
        co_return response;
    }
    const bool is_api = !asked.path.empty() && asked.path.front() == "api";
    std::optional<net::HttpResponse> answered;
    if (is_api) {
        answered = co_await answer_api(desk, asked);
    } else if (!asked.path.empty() && asked.path.front() == "recorded") {
        answered = co_await answer_recorded(desk, asked);
    } else {
        answered = co_await answer_page(desk, asked);
    }
    if (answered) co_return std::move(*answered);
    co_return refuse(asked, 404, "there is nothing at this address");
}

asio::awaitable<net::HttpResponse> Admin::State::answer(net::HttpRequest request) {
    Asked asked;
    const bool may_read = request.method == "GET" || request.method == "HEAD";
    const auto segments = segments_of(request.target);
    asked.query = net::query_of(request.target);
    if (request.method == "POST" && net::media_type(request.headers) != "application/json")
        asked.form = net::parse_form(request.body);
    asked.request = std::move(request);
    if (!segments) co_return refuse(asked, 400, "the address is not well formed");
    asked.path = *segments;
    if (!may_read && asked.request.method != "POST") {
        net::HttpResponse refused = refuse(asked, 405, "use GET, or POST for a change");
        refused.headers.add("Allow", "GET, HEAD, POST");
        co_return refused;
    }
    if (auto asset = asset_of(asked)) co_return std::move(*asset);
    if (asked.is({"api", "openapi.json"})) co_return net::json_response(200, openapi_document());
    if (asked.is({"sign-in"})) co_return co_await sign_in(std::move(asked));
    auto visitor = access.visitor(asked.request, desk.clock.now());
    if (visitor) {
        asked.visitor = std::move(*visitor);
        net::HttpResponse response = co_await answer_known(std::move(asked));
        response.known_sender = true;
        co_return response;
    }
    if (Access::tries(asked.request)) {
        const bool waited = co_await wait_with_failure(asked.request.peer);
        co_return refuse(asked, waited ? 401 : 429, "the token is not valid");
    }
    if (!asked.path.empty() && asked.path.front() == "api")
        co_return refuse(asked, 401,
                         "send the admin token, or the one for reading, as Authorization: Bearer");
    co_return see(base_of(asked.request) + "sign-in");
}

void Admin::use(std::string_view token, std::string_view read_token) {
    state_->access = Access(token, read_token);
}

Admin::Admin(const asio::any_io_executor& executor, AdminOptions options, store::Store& store,
             Clock& clock, Log& log)
    : state_(std::make_unique<State>(executor, std::move(options), store, clock, log)) {}

Admin::~Admin() = default;

bool Admin::wants_body(const net::HttpRequest& head) {
    return head.method == "POST";
}

asio::awaitable<net::HttpResponse> Admin::handle(net::HttpRequest request) {
    net::HttpResponse response = co_await state_->answer(std::move(request));
    protect(response);
    co_return response;
}

}  // namespace runs_agent::admin
