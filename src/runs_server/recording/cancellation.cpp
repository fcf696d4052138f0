#include "runs_server/recording/cancellation.hpp"

namespace runs_agent::runs_server {

void put_cancellation(Json& json, const RunRow& run) {
    json.Key("cancellation");
    if (!run.facts.canceled_at) {
        json.Null();
        return;
    }
    json.StartObject();
    put(json, "actor", run.canceled_by);
    put(json, "canceledAt", run.facts.canceled_at);
    put(json, "reason", run.cancel_reason);
    json.EndObject();
}

std::string cancellation_data(const RunRow& run) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    put(json, "runId", run.id);
    put(json, "actor", run.canceled_by);
    put(json, "canceledAt", run.facts.canceled_at);
    put(json, "reason", run.cancel_reason);
    json.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace runs_agent::runs_server
