// SPDX-License-Identifier: MIT
#include "agent/daemon/embedded_api.hpp"

#include "agent/daemon/data_folder.hpp"
#include "agent/daemon/descriptors.hpp"
#include "agent/daemon/generated_keys.hpp"
#include "agent/daemon/url_key.hpp"
#include "base/encoding.hpp"
#include "runs_server/setup/keys.hpp"
#include "runs_server/setup/projects.hpp"
#include "runs_server/setup/schema.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <random>
#include <unistd.h>

namespace runs_agent::agent {

namespace asio = boost::asio;
using runs_server::KeyKind;
using sqlite::Database;

namespace {

/// Uploads of results are larger than webhooks.
constexpr std::uint64_t max_body = 64ULL * 1024 * 1024;
constexpr std::size_t max_connections = 1024;
/// Bytes of what is for arriving that large reports leave to webhooks.
constexpr std::uint64_t for_webhooks = 8ULL * 1024 * 1024;
/// Bytes: 64 MiB take 13 seconds each way from a tenth of a second away.
constexpr int socket_buffer = 512 * 1024;

bool has_key(Database& database, KeyKind kind) {
    for (const auto& key : runs_server::list_keys(database))
        if (key.kind == kind && !key.revoked_at) return true;
    return false;
}

/// Makes what was given valid; what was not, and is not there yet, is made up. Returns the latter.
GeneratedKeys make_valid(Database& database, const GeneratedKeys& given, Time now) {
    GeneratedKeys made;
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

/// What was made up, and where it is told.
struct Told {
    GeneratedKeys made;
    std::string file;
};

/// Before what was made up is committed: it is stored as hashes alone, and is never told again.
Result<bool> make_valid_and_write(Database& database, const std::string& path,
                                  const GeneratedKeys& given, Time now, Told& told) {
    told.made = make_valid(database, given, now);
    if (told.made.empty()) return false;
    auto file = write_generated_keys(path, told.made);
    if (file.has_error()) return file.error();
    told.file = std::move(*file);
    return true;
}

/// Never with a key: logs are kept.
void log_generated_keys(const Told& told, Log& log) {
    if (told.made.empty()) return;
    log.info("api.keys_made",
             {{"file", told.file},
              {"note",
               "keys and a project that the environment does not name were made up; they are in"
               " this file, which its owner alone can read: keep them elsewhere, and remove it"}});
}

}  // namespace

EmbeddedApi::EmbeddedApi(const std::string& database_path)
    : database_(database_path, runs_server::migrations()), process_key_(random_hex(20)) {}

std::function<Result<std::string>()> EmbeddedApi::own_key() const {
    return [key = process_key_] { return Result<std::string>(key); };
}

std::function<asio::awaitable<net::HttpResponse>(net::HttpRequest)> EmbeddedApi::in_process()
    const {
    return
        [runs = runs_.get()](net::HttpRequest request) { return runs->handle(std::move(request)); };
}

asio::awaitable<Result<std::unique_ptr<EmbeddedApi>>> EmbeddedApi::start(
    asio::any_io_executor executor, const config::Configuration& configuration,
    net::ClientOptions hooks, Clock& clock, Log& log, std::shared_ptr<net::MemoryBudget> memory,
    std::size_t listeners) {
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
    GeneratedKeys given;
    given.record_key = configuration.record_key;
    given.project_id = configuration.project_id;
    if (configuration.api_key_given) {
        const auto key = configuration.api_key();
        if (key.has_error()) co_return key.error();
        given.api_key = *key;
    }
    const Time now = clock.now();
    // Named, as g++ 12 copies a temporary closure of a co_await expression bit by bit.
    const auto told = std::make_shared<Told>();
    const std::function<Result<bool>(Database&)> job = [=](Database& database) -> Result<bool> {
        return make_valid_and_write(database, path, given, now, *told);
    };
    const auto stored = co_await api->database_.write(job);
    if (stored.has_error()) {
        // What it tells was not stored, and opens nothing.
        if (!told->file.empty()) ::unlink(told->file.c_str());
        co_return stored.error();
    }
    log_generated_keys(*told, log);

    net::ServerOptions options;
    options.listen = configuration.api_listen;
    options.max_body = max_body;
    options.max_connections = connections_for(max_connections, listeners);
    options.memory = memory;
    options.memory_for_others = for_webhooks;
    options.send_buffer = options.receive_buffer = socket_buffer;
    options.refusal_status = "FAILED";
    options.wants_body = runs_server::RunsServer::wants_body;
    runs_server::RunsServerOptions setup;
    setup.database_path = path;
    setup.process_key = api->process_key_;
    setup.url_key = *url_key;
    setup.memory = std::move(memory);
    const auto targets = runs_server::HookTargets::parse(configuration.webhooks_allow);
    if (targets.has_error()) co_return targets.error();
    setup.hook_targets = *targets;
    api->send_hooks(executor, std::move(hooks), clock, log, configuration.api_listen);
    setup.on_news = [notifier = api->notifier_.get()] { notifier->wake(); };
    api->remover_ = std::make_unique<runs_server::Remover>(executor, api->database_, clock, log);
    setup.on_deleted = [remover = api->remover_.get()] { remover->wake(); };
    try {
        api->runs_ =
            std::make_unique<runs_server::RunsServer>(api->database_, clock, log, std::move(setup));
    } catch (const sqlite::SqliteError& error) {
        co_return fail(Errc::store, error.what());
    }
    runs_server::RunsServer* const runs = api->runs_.get();
    options.knows_sender = [runs](const net::HttpRequest& head) {
        return runs->knows_sender(head);
    };
    api->server_ = std::make_unique<net::HttpServer>(
        executor, std::move(options),
        [runs](net::HttpRequest request) { return runs->handle(std::move(request)); },
        [&log](std::string_view error) {
            log.limited(LogLevel::error, "api.server", {{"error", error}});
        });
    if (const auto started = api->server_->start(); started.has_error()) co_return started.error();
    log.info("api.listening", {{"address", api->server_->address()}});
    api->notifier_->start();
    api->remover_->start();
    co_return api;
}

void EmbeddedApi::send_hooks(const asio::any_io_executor& executor, net::ClientOptions network,
                             Clock& clock, Log& log, const std::string& listen) {
    hook_client_ = std::make_unique<net::HttpClient>(executor, std::move(network));
    auto engine = std::make_shared<std::mt19937_64>(std::random_device()());
    auto random = [engine] { return std::uniform_real_distribution<double>(0.0, 1.0)(*engine); };
    runs_server::NotifierOptions options;
    options.base_url = "http://" + listen + "/v1";
    notifier_ = std::make_unique<runs_server::Notifier>(executor, database_, *hook_client_, clock,
                                                        log, std::move(random), std::move(options));
}

asio::awaitable<void> EmbeddedApi::stop(std::chrono::milliseconds bound) {
    // One bound for all: what is under way to webhooks ends while the server is waited for. News
    // of what is answered by then is for the next process.
    notifier_->begin_no_more();
    const auto end = std::chrono::steady_clock::now() + bound;
    const auto rest = [end] {
        return std::max(
            std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()),
            std::chrono::milliseconds(0));
    };
    co_await server_->stop(bound);
    co_await notifier_->stop(rest());
    co_await remover_->stop(rest());
}

}  // namespace runs_agent::agent
