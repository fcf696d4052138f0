// SPDX-License-Identifier: MIT
#include "agent/commands/api_database.hpp"

#include "agent/cli/report.hpp"
#include "agent/daemon/data_folder.hpp"
#include "config/service.hpp"
#include "runs_server/setup/schema.hpp"

namespace runs_agent::agent {

int with_api_database(const config::Flags& flags,
                      const std::function<int(sqlite::Database&)>& action) {
    const auto configuration =
        config::load(config::environment_of_command(), flags, config::where_databases_are());
    if (configuration.has_error()) return report_mistakes(configuration.error());
    const std::string& path = configuration->api_database_path;
    if (const auto folder = make_folder_of(path); folder.has_error()) return report(folder.error());
    try {
        sqlite::Database database(path);
        database.migrate(runs_server::migrations());
        database.leave_log();  // to the daemon beside
        return action(database);
    } catch (const sqlite::SqliteError& error) {
        return report(fail(Errc::store, error.what()));
    }
}

}  // namespace runs_agent::agent
