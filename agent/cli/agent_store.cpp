// SPDX-License-Identifier: MIT
#include "agent/cli/agent_store.hpp"

#include "sqlite/visit.hpp"
#include "store/postgres_store.hpp"

#include <utility>

namespace runs_agent::agent {

namespace {

Result<std::string> describe(const std::string& url) {
    auto name = store::describe_postgres_url(url);
    if (name.has_error())
        return fail(name.error().code, "RUNS_AGENT_DATABASE: " + name.error().message);
    return name;
}

Result<std::unique_ptr<store::Store>> open_postgres(const std::string& url, StoreUse use,
                                                    store::SqliteStoreOptions for_sqlite,
                                                    OnMigrationWaits on_waits) {
    store::PostgresStoreOptions options;
    options.on_migration_waits = std::move(on_waits);
    options.on_commit = std::move(for_sqlite.on_commit);
    options.visitor = use == StoreUse::visitor;
    // What is planned for a time is due by each replica's own clock.
    options.max_clock_difference = std::chrono::seconds(5);
    return store::open_postgres_store(url, options);
}

}  // namespace

Result<std::unique_ptr<store::Store>> open_store(const config::Configuration& configuration,
                                                 StoreUse use, store::SqliteStoreOptions options,
                                                 OnMigrationWaits on_waits) {
    if (!configuration.database_url.empty())
        return open_postgres(configuration.database_url, use, std::move(options),
                             std::move(on_waits));
    options.visitor = use == StoreUse::visitor;
    return store::open_sqlite_store(configuration.database_path, std::move(options));
}

Result<std::unique_ptr<store::Store>> open_store_to_look(const config::Configuration& configuration,
                                                         bool in_use) {
    if (configuration.database_url.empty())
        return store::open_sqlite_store(sqlite::to_visit(configuration.database_path, in_use));
    store::PostgresStoreOptions options;
    options.visitor = options.looks = true;
    return store::open_postgres_store(configuration.database_url, options);
}

Result<void> check_database(const config::Configuration& configuration) {
    if (configuration.database_url.empty()) return {};
    const auto name = describe(configuration.database_url);
    if (name.has_error()) return name.error();
    return {};
}

}  // namespace runs_agent::agent
