// SPDX-License-Identifier: MIT
// Looks at this machine: files, the service, the disk. Reads alone, and changes nothing.
#pragma once

#include "config/configuration.hpp"
#include "doctor/here.hpp"
#include "doctor/keeping.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace runs_agent::agent {

/// Of the unit that the settings are from. `root`: for tests; empty: the machine's own.
doctor::ServiceSeen look_at_service(const std::string& unit, const std::string& root = "");

/// Does a process hold the lock of a daemon on this database? Absent where it cannot be told.
std::optional<bool> is_locked(const std::string& database_path);
/// The same of a file by its numbers, and the text of /proc/locks.
std::optional<bool> is_locked(const std::string& locks, dev_t device, ino_t number);

/// Of a SQLite file: is it there, could it be written, of which schema is it? Nothing of it is
/// changed. `newest`: the schema that this program knows; `in_use`: a daemon works on it.
doctor::DatabaseSeen look_at_database_file(const std::string& path, std::int64_t newest,
                                           bool in_use);
/// Is it of this program's version, and can be read?
bool is_readable(const doctor::DatabaseSeen& seen);

/// Of the folder, or the nearest one above it that is there.
doctor::DiskSeen look_at_disk(const std::string& folder);

/// The value of a series in Prometheus' text, which is named with its labels; absent: none.
std::optional<double> metric_of(std::string_view text, std::string_view series);

}  // namespace runs_agent::agent
