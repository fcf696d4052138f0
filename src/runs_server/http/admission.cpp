// SPDX-License-Identifier: MIT
#include "runs_server/http/admission.hpp"

#include "base/text.hpp"
#include "runs_server/answers/answers.hpp"
#include "runs_server/http/request_body.hpp"

#include <boost/asio/awaitable.hpp>

#include <algorithm>

namespace runs_agent::runs_server {

namespace asio = boost::asio;
using net::HttpRequest;
using net::HttpResponse;

namespace {

/// The key of "Authorization: Bearer KEY" (RFC 6750 section 2.1).
std::string bearer(const HttpRequest& request) {
    const std::string_view header = request.headers.find("Authorization").value_or("");
    constexpr std::string_view scheme = "bearer ";
    if (header.size() <= scheme.size() ||
        !equals_ignoring_case(header.substr(0, scheme.size()), scheme))
        return {};
    return std::string(header.substr(scheme.size()));
}

HttpResponse unknown_api_key() {
    return failed(401, "Invalid API key provided");
}

/// Reporters of Playwright name their key in a header.
std::string reporter_key(const HttpRequest& request) {
    return std::string(request.headers.find("x-currents-key").value_or(""));
}

HttpResponse unknown_record_key() {
    return failed(401, "Invalid record key provided");
}

HttpResponse unknown_run_id() {
    return failed(401,
                  "this server has told nobody these ids: POST /runs answers the run's, and"
                  " who asks it what to run next the instance's");
}

constexpr std::string_view runs = "/runs/";
constexpr std::string_view instances = "/instances/";

bool is_of_run(std::string_view path) {
    return path.starts_with(runs);
}

std::string id_in(std::string_view path) {
    path.remove_prefix(std::min(path.size(), is_of_run(path) ? runs.size() : instances.size()));
    return std::string(path.substr(0, path.find('/')));
}

HttpResponse may_only_read() {
    return failed(403, "this API key may only read; use one that may write");
}

}  // namespace

Admitted admit_key(sqlite::Database& database, const Secrets& secrets, const HttpRequest& request,
                   bool writes) {
    const std::string key = bearer(request);
    if (equal_in_constant_time(sha256(key), secrets.process_key)) return {"api:runs-agent", {}};
    const auto known = find_key(database, KeyKind::api, key);
    if (!known) return {"", unknown_api_key()};
    if (known->read_only && writes) return {"", may_only_read()};
    return {"api:" + known->name, {}};
}

Admitted admit_reporter(sqlite::Database& database, const HttpRequest& request) {
    if (find_key(database, KeyKind::record, reporter_key(request))) return {"reporter", {}};
    return {"", unknown_record_key()};
}

std::string run_id_of(const HttpRequest& request, std::string_view path) {
    std::string told(request.headers.find("x-cypress-run-id").value_or(""));
    if (is_of_run(path) && id_in(path) != told) return {};
    return told;
}

Admission::Admission(const std::string& database_path, std::shared_ptr<const Secrets> secrets)
    : secrets_(std::move(secrets)), keys_(database_path) {}

bool Admission::knows_reporter(const HttpRequest& head) const {
    return keys_.was_valid(reporter_key(head));
}

asio::awaitable<Result<Admission::Refusal>> Admission::refusal(
    std::shared_ptr<const HttpRequest> request, const Route* route, std::string path, Time now) {
    switch (route->access) {
        case Access::open:
            break;
        case Access::signature:
            if (!secrets_->signer.allows(route->method, path, net::query_of(request->target), now))
                co_return failed(403,
                                 "this URL was not made by this server for this use, or is older "
                                 "than two hours; ask for a new one");
            break;
        case Access::api_key: {
            std::string key = bearer(*request);
            co_return co_await by_api_key(std::move(key), route->method != "GET");
        }
        case Access::record_key:
            co_return co_await by_record_key(std::move(request));
        case Access::run_id: {
            std::string run_id = run_id_of(*request, path);
            co_return co_await by_run_id(std::move(run_id), std::move(path));
        }
        case Access::reporter: {
            std::string key = reporter_key(*request);
            co_return co_await by_reporter_key(std::move(key));
        }
    }
    co_return Refusal();
}

asio::awaitable<Result<Admission::Refusal>> Admission::by_api_key(std::string key, bool writes) {
    if (equal_in_constant_time(sha256(key), secrets_->process_key)) co_return Refusal();
    const Result<std::optional<Key>> known = co_await keys_.find(KeyKind::api, std::move(key));
    if (known.has_error()) co_return known.error();
    if (!*known) co_return unknown_api_key();
    if ((*known)->read_only && writes) co_return may_only_read();
    co_return Refusal();
}

asio::awaitable<Result<Admission::Refusal>> Admission::by_run_id(std::string run_id,
                                                                 std::string path) {
    std::string claim_id = is_of_run(path) ? "" : id_in(path);
    const Result<bool> known = co_await keys_.knows(std::move(run_id), std::move(claim_id));
    if (known.has_error()) co_return known.error();
    if (!*known) co_return unknown_run_id();
    co_return Refusal();
}

asio::awaitable<Result<Admission::Refusal>> Admission::by_record_key(
    std::shared_ptr<const HttpRequest> request) {
    if (auto refused = refuse_coding(*request, true)) co_return std::move(refused);
    // One that is right there spares the search; who records looks at the one in the body all the
    // same.
    std::string key = reporter_key(*request);
    Result<std::optional<Key>> known = co_await keys_.find(KeyKind::record, std::move(key));
    if (known.has_error()) co_return known.error();
    if (*known) co_return Refusal();

    KeySearch::Outcome found = co_await searches_.find(std::move(request));
    if (auto* const refused = std::get_if<HttpResponse>(&found))
        co_return Refusal(std::move(*refused));
    key = std::get<std::string>(std::move(found));
    known = co_await keys_.find(KeyKind::record, std::move(key));
    if (known.has_error()) co_return known.error();
    if (!*known) co_return Refusal(unknown_record_key());
    co_return Refusal();
}

asio::awaitable<Result<Admission::Refusal>> Admission::by_reporter_key(std::string key) {
    const Result<std::optional<Key>> known = co_await keys_.find(KeyKind::record, std::move(key));
    if (known.has_error()) co_return known.error();
    if (!*known) co_return unknown_record_key();
    co_return Refusal();
}

}  // namespace runs_agent::runs_server
