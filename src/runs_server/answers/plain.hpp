// SPDX-License-Identifier: MIT
// Answers without the envelope, as the official reporters read them.
#pragma once

#include "runs_server/answers/answers.hpp"

namespace runs_agent::runs_server {

/// 200 with an object of the members that `put_members(json)` puts.
template <class PutMembers>
net::HttpResponse plain_object(const PutMembers& put_members) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    put_members(json);
    json.EndObject();
    return net::json_response(200, {buffer.GetString(), buffer.GetSize()});
}

}  // namespace runs_agent::runs_server
