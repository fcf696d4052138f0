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

/// Reporters and readers name some members of tests and attempts differently: adds the readers'
/// names to a test that is not written yet. Source: the Runs API's documentation, "Instances".
void add_documented_names(rapidjson::Value& test, rapidjson::Document& memory);

}  // namespace runs_agent::runs_server
