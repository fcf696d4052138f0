// SPDX-License-Identifier: MIT
#include "agent/cli/agent_store.hpp"

#ifdef RUNS_AGENT_POSTGRES
#include "store/postgres_store.hpp"
#endif

#include <utility>

namespace runs_agent::agent {

namespace {

#ifdef RUNS_AGENT_POSTGRES

Result<std::string> describe(const std::string& url) {
    auto name = store::describe_postgres_url(url);
    if (name.has_error())
        return fail(name.error().code, "RUNS_AGENT_DATABASE: " + name.error().message);
    return name;
}

Result<std::unique_ptr<store::Store>> open_postgres(const std::string& url, StoreUse use) {
    store::PostgresStoreOptions options;
    options.visitor = use == StoreUse::visitor;
    // What is planned for a time is due by each replica's own clock.
    options.max_clock_difference = std::chrono::seconds(5);
    return store::open_postgres_store(url, options);
}

#else

Error built_without() {
    return fail(
        Errc::bad_input,
        "RUNS_AGENT_DATABASE names a PostgreSQL database, and this program was built without"
        " PostgreSQL, as the static one is; build it from source, where libpq-dev is"
        " installed, or give sqlite:/path/to.db");
}

Result<std::string> describe(const std::string& /*url*/) {
    return built_without();
}

Result<std::unique_ptr<store::Store>> open_postgres(const std::string& /*url*/, StoreUse /*use*/) {
    return built_without();
}

#endif

}  // namespace

Result<std::unique_ptr<store::Store>> open_store(const config::Configuration& configuration,
                                                 StoreUse use, store::SqliteStoreOptions options) {
    if (!configuration.database_url.empty()) return open_postgres(configuration.database_url, use);
    return store::open_sqlite_store(configuration.database_path, std::move(options));
}

Result<void> check_database(const config::Configuration& configuration) {
    if (configuration.database_url.empty()) return {};
    const auto name = describe(configuration.database_url);
    if (name.has_error()) return name.error();
    return {};
}

}  // namespace runs_agent::agent
