// SPDX-License-Identifier: MIT
// One instance of a reporter's batch: what a machine says of one spec.
#pragma once

#include "runs_server/recording/record_request.hpp"

#include <rapidjson/document.h>

#include <string>
#include <variant>

namespace runs_agent::runs_server {

/// `group` is the request's, for instances that name none. Absent: what is wrong.
std::variant<RecordedSpec, std::string> read_instance(const rapidjson::Value& instance,
                                                      const std::string& group);

}  // namespace runs_agent::runs_server
