// SPDX-License-Identifier: MIT
#include "runs_server/reporting/join_run.hpp"

#include "runs_server/answers/answers.hpp"
#include "runs_server/recording/make_run.hpp"
#include "runs_server/reporting/gate.hpp"

namespace runs_agent::runs_server {

using net::HttpResponse;
using sqlite::Database;

std::variant<Joined, HttpResponse> join_run(Database& database, const RecordRequest& request,
                                            Time now) {
    if (auto run = find_by_build_id(database, request.project_id, request.ci_build_id)) {
        if (auto no = refuse_beginning(database, gate_of(*run), now)) return std::move(*no);
        return Joined{std::move(*run), false};
    }
    return Joined{make_run(database, request, now), true};
}

std::string framework_json(std::string_view type, std::string_view version,
                           std::string_view client_version) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    put(json, "type", type);
    put(json, "version", version);
    put(json, "clientVersion", client_version);
    json.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

std::optional<std::int64_t> read_fail_after(const rapidjson::Value* given) {
    if (given == nullptr) return std::nullopt;
    if (given->IsFalse()) return 0;
    if (given->IsInt64() && given->GetInt64() > 0) return given->GetInt64();
    return std::nullopt;
}

}  // namespace runs_agent::runs_server
