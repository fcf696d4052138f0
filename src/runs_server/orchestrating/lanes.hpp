// SPDX-License-Identifier: MIT
// How many specs a machine runs at once: pure.
#pragma once

#include <rapidjson/document.h>

#include <cstdint>
#include <map>
#include <string>

namespace runs_agent::runs_server {

struct Lanes {
    std::int64_t of_all = 1;
    std::map<std::string, std::int64_t> of_groups;  // that have a number of their own
};

/// Of an orchestration's body: the batch size is a number of workers, or "auto" for as many as
/// Playwright has, for all projects and for some by their names (globalBatchSize, globalWorkers,
/// projectBatchSizes, projectWorkers). At least 1.
Lanes read_lanes(const rapidjson::Value& body);

/// Kept as text.
std::string to_text(const std::map<std::string, std::int64_t>& of_groups);
std::map<std::string, std::int64_t> lanes_of_groups(const std::string& text);

}  // namespace runs_agent::runs_server
