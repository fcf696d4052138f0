// SPDX-License-Identifier: MIT
// `runs-agent backup`: a copy of a database that the daemon goes on writing to. The image has no
// sqlite3.
#include "sqlite/backup.hpp"

#include "agent/cli/command.hpp"
#include "agent/cli/output.hpp"
#include "agent/cli/report.hpp"
#include "config/configuration.hpp"
#include "config/service.hpp"
#include "observe/printable.hpp"

#include <CLI/CLI.hpp>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <memory>

namespace runs_agent::agent {

namespace {

struct Options {
    config::Flags flags;
    std::string file;
    bool of_api = false;
    bool json = false;
};

int back_up(const Options& options) {
    const auto configuration = config::load(config::environment_of_command(), options.flags,
                                            config::where_databases_are());
    if (configuration.has_error()) return report_mistakes(configuration.error());
    if (!options.of_api && !configuration->database_url.empty())
        return report(fail(Errc::bad_input,
                           "RUNS_AGENT_DATABASE names a PostgreSQL database; back it up as your"
                           " others, with pg_dump say"));
    const std::string& from =
        options.of_api ? configuration->api_database_path : configuration->database_path;
    const auto bytes = sqlite::back_up(from, options.file);
    if (bytes.has_error()) return report(bytes.error());
    if (options.json) {
        rapidjson::StringBuffer buffer;
        rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
        json.StartObject();
        json.Key("database");
        json.String(from);
        json.Key("file");
        json.String(options.file);
        json.Key("bytes");
        json.Uint64(*bytes);
        json.EndObject();
        standard_output().data(buffer.GetString());
    } else {
        standard_output().text("copied " + printable(from) + " to " + printable(options.file) +
                               ", " + std::to_string(*bytes) + " bytes\n");
    }
    return Exit::done;
}

}  // namespace

void add_backup(CLI::App& program, Chosen& chosen) {
    CLI::App* const command = program.add_subcommand(
        "backup", "Copy the database to a new file, also while the daemon works on it");
    command->footer(
        "The copy is whole, of one moment, and its owner's alone. To restore it, stop the daemon, "
        "put\n"
        "it in the database's place, remove the -wal and -shm files beside it, and start.\n"
        "Example:\n  runs-agent backup /backup/runs-agent-$(date +%F).db");
    const auto options = std::make_shared<Options>();
    command->add_option("file", options->file, "The new file")->required()->type_name("FILE");
    command->add_flag("--api", options->of_api,
                      "The embedded Runs API's database, not the daemon's");
    command->add_option("--database", options->flags.database,
                        "sqlite:/path.db (RUNS_AGENT_DATABASE)");
    command->add_option("--api-database", options->flags.api_database,
                        "The embedded Runs API's sqlite:/path.db (RUNS_AGENT_API_DATABASE)");
    command->add_flag("--json", options->json, "Print as JSON");
    command->callback([&chosen, options] { chosen = [options] { return back_up(*options); }; });
}

}  // namespace runs_agent::agent
