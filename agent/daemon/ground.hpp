// SPDX-License-Identifier: MIT
// What the daemon stands on, for /metrics: its process and its files. Prometheus' own names for
// what every process has (https://prometheus.io/docs/instrumenting/writing_clientlibs/,
// "Process metrics").
#pragma once

#include "base/time.hpp"

#include <string>
#include <vector>

namespace runs_agent::agent {

/// process_cpu_seconds_total and the like, as Prometheus' text. What cannot be read is left out.
std::string process_metrics(Time started);

struct DatabaseFile {
    std::string name;  // for the label: of few values, and not its path
    std::string path;
};

/// How large the database files are, each with its write-ahead log, and how much room the disk of
/// the first has. A file that is not there has no bytes.
std::string store_metrics(const std::vector<DatabaseFile>& databases);

}  // namespace runs_agent::agent
