// SPDX-License-Identifier: MIT
// A machine joins a run, whichever client it runs.
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"
#include "runs_server/recording/record_request.hpp"
#include "runs_server/recording/rows.hpp"
#include "sqlite/database.hpp"

#include <rapidjson/document.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace runs_agent::runs_server {

struct Joined {
    RunRow run;
    bool is_new = false;  // it was made for this machine
};

/// The run of this project and CI build id, which is made where there is none; or the answer to who
/// would begin something in one that lets nothing begin: 422 RUN_CANCELLED, RUN_EXPIRED.
std::variant<Joined, net::HttpResponse> join_run(sqlite::Database& database,
                                                 const RecordRequest& request, Time now);

/// `framework` of a run.
std::string framework_json(std::string_view type, std::string_view version,
                           std::string_view client_version);

/// `autoCancelAfterFailures`: a number of failed tests, false for never, which is 0; absent where
/// it says nothing: as the project has it.
std::optional<std::int64_t> read_fail_after(const rapidjson::Value* given);

}  // namespace runs_agent::runs_server
