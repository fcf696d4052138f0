// SPDX-License-Identifier: MIT
// Under which name a cache is looked for: pure. The attempts of one job must come to the same name,
// and other jobs to others. Source: @currents/cmd 1.10.0, `cache get|set`, which leave that to the
// server.
#pragma once

#include <rapidjson/document.h>

#include <string>

namespace runs_agent::runs_server {

/// Of {id?, ci, config?}: the id that was given, or else what tells the job of a CI, each with
/// which part of a matrix it is. Empty where nothing tells.
std::string cache_name_of(const rapidjson::Value& body);

}  // namespace runs_agent::runs_server
