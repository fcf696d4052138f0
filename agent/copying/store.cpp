// SPDX-License-Identifier: MIT
// `runs-agent store copy`: the agent's store into another database, from one machine to many or
// back.
#include "agent/cli/agent_store.hpp"
#include "agent/cli/command.hpp"
#include "agent/cli/output.hpp"
#include "agent/cli/report.hpp"
#include "agent/daemon/daemon_lock.hpp"
#include "agent/daemon/data_folder.hpp"
#include "store/copying/copy.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <memory>
#include <optional>

namespace runs_agent::agent {

namespace {

struct Options {
    std::string from;
    std::string to;
    bool json = false;
};

constexpr std::string_view sqlite_scheme = "sqlite:";

bool is_file(const std::string& place) {
    return place.starts_with(sqlite_scheme);
}

/// What copy_store() takes. What was given may hold a password, so it is not repeated.
Result<std::string> place_of(const std::string& given, const char* flag) {
    if (is_file(given)) {
        std::string path = given.substr(sqlite_scheme.size());
        if (std::filesystem::path(path).is_absolute()) return path;
    } else if (given.starts_with("postgresql://") || given.starts_with("postgres://")) {
        return given;
    }
    return fail(Errc::bad_input,
                std::string(flag) +
                    " must be sqlite:/absolute/path.db, or postgresql://… (as"
                    " libpq writes it; a password belongs into its password file)");
}

/// A daemon must not work on a file that is copied; of PostgreSQL the copy sees to that.
Result<std::optional<DaemonLock>> lock(const std::string& given, const std::string& path,
                                       bool must_be_there) {
    if (!is_file(given)) return std::optional<DaemonLock>();
    std::error_code ignored;  // a file that cannot be looked at cannot be opened either
    if (must_be_there && !std::filesystem::exists(path, ignored))
        return fail(Errc::not_found, "there is no database at " + path);
    if (const auto folder = make_folder_of(path); folder.has_error()) return folder.error();
    auto taken = DaemonLock::take(path);
    if (taken.has_error()) return taken.error();
    return std::optional<DaemonLock>(std::move(*taken));
}

int copy(const Options& options) {
    const auto from = place_of(options.from, "--from");
    if (from.has_error()) return report_usage(from.error().message);
    const auto to = place_of(options.to, "--to");
    if (to.has_error()) return report_usage(to.error().message);
    if (*from == *to) return report_usage("--from and --to name the same database");
    const auto source = lock(options.from, *from, true);
    if (source.has_error()) return report(source.error());
    const auto target = lock(options.to, *to, false);
    if (target.has_error()) return report(target.error());
    const auto copied =
        store::copy_store(*from, *to, [&](const std::string& table, std::int64_t rows) {
            if (!options.json) standard_error().text(table + ": " + std::to_string(rows) + "\n");
        });
    if (copied.has_error()) return report(copied.error());
    if (options.json)
        standard_output().data("{\"rowsCopied\":" + std::to_string(copied->copied) +
                               ",\"rowsCompared\":" + std::to_string(copied->rows) + "}");
    else
        standard_output().text(std::to_string(copied->copied) + " rows copied; all " +
                               std::to_string(copied->rows) + " are the same in both\n");
    return Exit::done;
}

}  // namespace

void add_store(CLI::App& program, Chosen& chosen) {
    CLI::App* const group = program.add_subcommand("store", "The agent's database as a whole");
    group->require_subcommand(1);
    group->footer(
        "Example:\n  runs-agent store copy --from sqlite:/var/lib/runs-agent/runs-agent.db"
        " --to postgresql://agent@db/runs_agent");
    const auto options = std::make_shared<Options>();
    CLI::App* const copier = group->add_subcommand(
        "copy", "Copy it into another database, and compare the two row by row");
    copier->footer(
        "No daemon may work on either. What was broken off goes on where it was.\n"
        "Example:\n  runs-agent store copy --from sqlite:/var/lib/runs-agent/runs-agent.db"
        " --to postgresql://agent@db/runs_agent");
    copier->add_option("--from", options->from, "sqlite:/path.db or postgresql://…")->required();
    copier->add_option("--to", options->to, "sqlite:/path.db or postgresql://…")->required();
    copier->add_flag("--json", options->json, "Print as JSON");
    copier->callback([&chosen, options] { chosen = [options] { return copy(*options); }; });
}

}  // namespace runs_agent::agent
