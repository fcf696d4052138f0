#include "agent/embedded_api.hpp"

#include "agent/state_dir.hpp"
#include "agent/url_key.hpp"
#include "base/encoding.hpp"
#include "runs_server/keys.hpp"
#include "runs_server/projects.hpp"
#include "runs_server/schema.hpp"

#include <iostream>

namespace runs_agent::agent {

namespace asio = boost::asio;
using runs_server::KeyKind;
using sqlite::Database;

namespace {

/// Uploads of results are larger than webhooks.
constexpr std::uint64_t max_body = 64ULL * 1024 * 1024;

struct Given {
    std::string api_key;
    std::string record_key;
    std::string project_id;
};

bool has_key(Database& database, KeyKind kind) {
    for (const auto& key : runs_server::list_keys(database))
        if (key.kind == kind && !key.revoked_at) return true;
    return false;
}

/// Makes what was given valid; what was not, and is not there yet, is made up. Returns the latter.
Given make_valid(Database& database, const Given& given, Time now) {
    Given made;
    // Earlier versions kept it here, where each backup has it; see url_key.hpp.
    database.prepare("DELETE FROM settings WHERE name = 'url_key'").run();
    const auto ensure = [&](KeyKind kind, const std::string& key, std::string& fresh) {
        if (!key.empty()) {
            runs_server::add_key(database, kind, "environment", false, key, now);
            // A key that was there before it has been replaced, perhaps because it leaked.
            runs_server::revoke_others(database, kind, "environment", key, now);
        } else if (!has_key(database, kind)) {
            fresh = runs_server::make_key(kind);
            runs_server::add_key(database, kind, "first", false, fresh, now);
        }
    };
    ensure(KeyKind::api, given.api_key, made.api_key);
    ensure(KeyKind::record, given.record_key, made.record_key);
    sqlite::Statement any = database.prepare("SELECT 1 FROM projects LIMIT 1");
    if (!given.project_id.empty()) {
        for (const std::string& id : config::comma_separated(given.project_id))
            runs_server::ensure_project(database, id, now);
    } else if (!any.step()) {
        made.project_id = random_hex(4);
        runs_server::ensure_project(database, made.project_id, now);
    }
    return made;
}

/// To standard output and never to the log: these are secrets, and this is the one time they are
/// seen.
void print(const Given& made) {
    if (made.api_key.empty() && made.record_key.empty() && made.project_id.empty()) return;
    std::cout << "The embedded Runs API made these up. They are shown once; keep them:\n";
    if (!made.api_key.empty()) std::cout << "  CURRENTS_API_KEY=" << made.api_key << '\n';
    if (!made.record_key.empty()) std::cout << "  CURRENTS_RECORD_KEY=" << made.record_key << '\n';
    if (!made.project_id.empty()) std::cout << "  CURRENTS_PROJECT_ID=" << made.project_id << '\n';
    std::cout << std::flush;
}

}  // namespace

EmbeddedApi::EmbeddedApi(const std::string& database_path)
    : database_(database_path, runs_server::migrations()), process_key_(random_hex(20)) {}

std::function<Result<std::string>()> EmbeddedApi::own_key() const {
    return [key = process_key_] { return Result<std::string>(key); };
}

asio::awaitable<Result<std::unique_ptr<EmbeddedApi>>> EmbeddedApi::start(
    asio::any_io_executor executor, const config::Configuration& configuration, const Clock& clock,
    Log& log) {
    const std::string& path = configuration.api_database_path;
    if (const auto folder = make_folder_of(path); folder.has_error()) co_return folder.error();
    keep_private(path, log);
    const auto url_key = read_url_key(path);
    if (url_key.has_error()) co_return url_key.error();
    std::unique_ptr<EmbeddedApi> api;
    try {
        api.reset(new EmbeddedApi(path));
    } catch (const sqlite::SqliteError& error) {
        co_return fail(Errc::store, error.what());
    }
    Given given;
    given.record_key = configuration.record_key;
    given.project_id = configuration.project_id;
    if (configuration.api_key_given) {
        const auto key = configuration.api_key();
        if (key.has_error()) co_return key.error();
        given.api_key = *key;
    }
    const Time now = clock.now();
    // Named, as g++ 12 copies a temporary closure of a co_await expression bit by bit.
    const std::function<Result<Given>(Database&)> job = [given,
                                                         now](Database& database) -> Result<Given> {
        return make_valid(database, given, now);
    };
    const auto made = co_await api->database_.write(job);
    if (made.has_error()) co_return made.error();
    print(*made);  // now, as they are stored: what follows may fail, and they are never told again

    net::ServerOptions options;
    options.listen = configuration.api_listen;
    options.max_body = max_body;
    options.refusal_status = "FAILED";
    runs_server::RunsServer* const runs =
        (api->runs_ = std::make_unique<runs_server::RunsServer>(api->database_, clock, log,
                                                                api->process_key_, *url_key))
            .get();
    api->server_ = std::make_unique<net::HttpServer>(
        executor, std::move(options),
        [runs](net::HttpRequest request) { return runs->handle(std::move(request)); },
        [&log](std::string_view error) { log.error("api.server", {{"error", error}}); });
    if (const auto started = api->server_->start(); started.has_error()) co_return started.error();
    log.info("api.listening", {{"address", api->server_->address()}});
    co_return api;
}

asio::awaitable<void> EmbeddedApi::stop(std::chrono::milliseconds bound) {
    co_await server_->stop(bound);
}

}  // namespace runs_agent::agent
