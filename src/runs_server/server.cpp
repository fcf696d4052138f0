#include "runs_server/server.hpp"

#include "base/encoding.hpp"
#include "runs_server/answers.hpp"
#include "runs_server/cancel.hpp"
#include "runs_server/find.hpp"
#include "runs_server/ingest.hpp"
#include "runs_server/keys.hpp"
#include "runs_server/projects.hpp"
#include "runs_server/reset.hpp"
#include "runs_server/run_json.hpp"

namespace runs_agent::runs_server {

namespace asio = boost::asio;
using net::HttpRequest;
using net::HttpResponse;
using sqlite::Database;
using sqlite::Statement;

namespace {

constexpr std::size_t max_unpacked = 256UL * 1024 * 1024;
constexpr std::size_t worth_packing = 1024;

std::vector<std::string> segments_of(std::string_view path) {
    std::vector<std::string> segments;
    while (!path.empty()) {
        const auto slash = path.find('/');
        const std::string_view segment = path.substr(0, slash);
        if (!segment.empty()) segments.emplace_back(segment);
        path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    }
    return segments;
}

/// The key of "Authorization: Bearer KEY" (RFC 6750 section 2.1).
std::string bearer(const HttpRequest& request) {
    const std::string header(request.headers.find("Authorization").value_or(""));
    constexpr std::string_view scheme = "bearer ";
    if (header.size() <= scheme.size() ||
        !net::equals_ignoring_case(std::string_view(header).substr(0, scheme.size()), scheme))
        return {};
    return header.substr(scheme.size());
}

HttpResponse get_run(Database& database, const std::string& id, Time now) {
    const auto run = find_by_id(database, id);
    return run ? ok(full_run(database, *run, now)) : run_not_found();
}

HttpResponse delete_run(Database& database, const std::string& id, const std::string& actor) {
    database.prepare("DELETE FROM runs WHERE id = ?").bind(id).run();
    if (database.changes() == 0) return run_not_found();
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    put(json, "runId", id);
    put(json, "actor", actor);
    json.EndObject();
    return ok({buffer.GetString(), buffer.GetSize()});
}

HttpResponse get_instance(Database& database, const std::string& id) {
    Statement row = database.prepare(
        "SELECT id, run_id, group_name, spec, machine_id, claimed_at, completed_at, results"
        " FROM specs WHERE id = ?");
    if (!row.bind(id).step()) return failed(404, "Instance not found");
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    put(json, "instanceId", row.text(0));
    put(json, "runId", row.text(1));
    put(json, "groupId", row.text(2));
    put(json, "spec", row.text(3));
    put(json, "machineId", row.text(4));
    put(json, "claimedAt", row.optional_time(5));
    put(json, "completedAt", row.optional_time(6));
    put_raw(json, "results", row.is_null(7) ? "null" : row.text(7));
    json.EndObject();
    return ok({buffer.GetString(), buffer.GetSize()});
}

/// What answers a request of somebody with an API key; nothing where there is no such address.
using Operation = std::function<HttpResponse(Database&, const std::string& actor)>;

struct Route {
    Operation operation;
    std::string allow;  // where only the method was wrong
};

Route find_route(const HttpRequest& request, const std::vector<std::string>& path, Time now) {
    const std::string& method = request.method;
    const bool reads = method == "GET" || method == "HEAD";
    const net::Parameters query = net::query_of(request.target);
    const std::string body = request.body;
    const bool runs = !path.empty() && path[0] == "runs";
    const bool projects = !path.empty() && path[0] == "projects";
    if (runs && path.size() == 2 && path[1] == "find") {
        if (!reads) return {nullptr, "GET"};
        return {[query, now](Database& db, const std::string&) { return find_run(db, query, now); },
                ""};
    }
    if (runs && path.size() == 2 && path[1] != "cancel") {
        const std::string id = path[1];
        if (reads)
            return {[id, now](Database& db, const std::string&) { return get_run(db, id, now); },
                    ""};
        if (method != "DELETE") return {nullptr, "GET, DELETE"};
        return {[id](Database& db, const std::string& actor) { return delete_run(db, id, actor); },
                ""};
    }
    if (runs && path.size() == 3 && path[1] == "cancel-ci" && path[2] == "github") {
        if (method != "PUT") return {nullptr, "PUT"};
        return {[body, now](Database& db, const std::string& actor) {
                    return cancel_github_ci(db, body, actor, now);
                },
                ""};
    }
    if (runs && path.size() == 3 && (path[2] == "cancel" || path[2] == "reset")) {
        if (method != "PUT") return {nullptr, "PUT"};
        const std::string id = path[1];
        if (path[2] == "reset")
            return {[id, body, now](Database& db, const std::string&) {
                        return reset_run(db, id, body, now);
                    },
                    ""};
        return {[id, now](Database& db, const std::string& actor) {
                    return cancel_run(db, id, actor, now);
                },
                ""};
    }
    if (projects && path.size() <= 3) {
        if (path.size() == 3 && path[2] != "runs") return {};
        if (!reads) return {nullptr, "GET"};
        const std::string id = path.size() > 1 ? path[1] : "";
        if (path.size() == 1)
            return {[](Database& db, const std::string&) { return list_projects(db); }, ""};
        if (path.size() == 2)
            return {[id](Database& db, const std::string&) { return get_project(db, id); }, ""};
        return {[id, query, now](Database& db, const std::string&) {
                    return list_runs(db, id, query, now);
                },
                ""};
    }
    if (path.size() == 2 && path[0] == "instances") {
        if (!reads) return {nullptr, "GET"};
        const std::string id = path[1];
        return {[id](Database& db, const std::string&) { return get_instance(db, id); }, ""};
    }
    return {};
}

void pack(const HttpRequest& request, HttpResponse& response) {
    if (response.body.size() < worth_packing || !net::accepts_gzip(request.headers)) return;
    response.body = gzip(response.body, 4);
    response.headers.add("Content-Encoding", "gzip");
    response.headers.add("Vary", "Accept-Encoding");
}

}  // namespace

RunsServer::RunsServer(sqlite::Worker& database, const Clock& clock, Log& log,
                       ServerSettings settings)
    : database_(database), clock_(clock), log_(log), settings_(std::move(settings)) {}

/// Makes the job that answers the request: the key is checked in the same transaction.
RunsServer::Job RunsServer::route(HttpRequest request) const {
    const Time now = clock_.now();
    std::vector<std::string> path = segments_of(net::path_of(request.target).value_or(""));
    if (path.empty() || path.front() != "v1")
        return [](Database&) { return failed(404, "there is nothing here; the API is at /v1"); };
    path.erase(path.begin());
    if (request.method == "POST" && path == std::vector<std::string>{"runs"})
        return [body = std::move(request.body), url = settings_.base_url, now](Database& db) {
            return record(db, body, url, now);
        };
    if (request.method == "POST" && path == std::vector<std::string>{"runs", "cancel"})
        return [body = std::move(request.body), now](Database& db) {
            return cancel_by_reporter(db, body, now);
        };
    const Route found = find_route(request, path, now);
    if (!found.operation) {
        HttpResponse none = found.allow.empty() ? failed(404, "there is no such operation")
                                                : failed(405, "this address takes " + found.allow);
        if (!found.allow.empty()) none.headers.add("Allow", found.allow);
        return [none](Database&) { return none; };
    }
    const bool reads = request.method == "GET" || request.method == "HEAD";
    const std::string key = bearer(request);
    const std::string process_key = settings_.process_key;
    return [operation = found.operation, reads, key,
            process_key](Database& db) -> Result<HttpResponse> {
        if (!process_key.empty() && equal_in_constant_time(sha256(key), sha256(process_key)))
            return operation(db, "api:runs-agent");
        const auto known = find_key(db, KeyKind::api, key);
        if (!known) return failed(401, "Invalid API key provided");
        if (known->read_only && !reads)
            return failed(403, "this API key may only read; use one that may write");
        return operation(db, "api:" + known->name);
    };
}

asio::awaitable<HttpResponse> RunsServer::perform(Job job, bool writes) {
    // Two branches, as g++ 12 cannot be trusted with co_await inside a conditional expression.
    if (writes) {
        auto written = co_await database_.write(std::move(job));
        if (written.has_value()) co_return std::move(*written);
        log_.error("api.failed", {{"error", written.error().message}});
    } else {
        auto read = co_await database_.read(std::move(job));
        if (read.has_value()) co_return std::move(*read);
        log_.error("api.failed", {{"error", read.error().message}});
    }
    HttpResponse unavailable = failed(503, "the database did not answer; try again in a moment");
    unavailable.headers.add("Retry-After", "5");
    co_return unavailable;
}

asio::awaitable<HttpResponse> RunsServer::handle(HttpRequest request) {
    const auto coding = request.headers.find("Content-Encoding");
    if (coding && net::equals_ignoring_case(*coding, "gzip")) {
        auto plain = gunzip(request.body, max_unpacked);
        if (plain.has_error()) co_return failed(400, plain.error().message);
        request.body = std::move(*plain);
    }
    const std::string method = request.method;
    const std::string path = net::path_of(request.target).value_or("");
    const bool writes = method != "GET" && method != "HEAD";
    HttpRequest kept;  // what packing needs, while the body goes to the job
    kept.headers = request.headers;
    HttpResponse response = co_await perform(route(std::move(request)), writes);
    log_.debug("api.answered", {{"method", method}, {"path", path}, {"status", response.status}});
    pack(kept, response);
    co_return response;
}

}  // namespace runs_agent::runs_server
