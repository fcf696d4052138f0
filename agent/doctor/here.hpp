// SPDX-License-Identifier: MIT
// Looks at this machine: files, the service, the disk. Reads alone, and changes nothing.
#pragma once

#include "config/configuration.hpp"
#include "doctor/here.hpp"
#include "doctor/keeping.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace runs_agent::agent {

/// Of the unit that the settings are from. `root`: for tests; empty: the machine's own.
doctor::ServiceSeen look_at_service(const std::string& unit, const std::string& root = "");

/// Does a process hold the lock of a daemon on this database? Absent where it cannot be told.
std::optional<bool> is_locked(const std::string& database_path);

/// Of a SQLite file: is it there, could it be written, of which schema is it? It is not opened as a
/// database: a file of an older version would be changed by that. `newest`: the schema that this
/// program knows; `daemon_runs`: one works on it, and has brought it up to date.
doctor::DatabaseSeen look_at_database_file(const std::string& path, std::int64_t newest,
                                           bool daemon_runs);
/// May it be opened, as nothing of it would be changed?
bool is_safe_to_open(const doctor::DatabaseSeen& seen);

/// Of the folder, or the nearest one above it that is there.
doctor::DiskSeen look_at_disk(const std::string& folder);

/// The value of a series in Prometheus' text, which is named with its labels; absent: none.
std::optional<double> metric_of(std::string_view text, std::string_view series);

}  // namespace runs_agent::agent
