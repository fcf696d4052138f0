// SPDX-License-Identifier: MIT
// The envelope of every answer: {"status":"OK","data":…} or {"status":"FAILED","error":"…"}.
#pragma once

#include "base/time.hpp"
#include "json/writing.hpp"
#include "net/http_message.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace runs_agent::runs_server {

using Json = rapidjson::Writer<rapidjson::StringBuffer>;

/// 200 with `data`, which must be JSON.
net::HttpResponse ok(std::string_view data);
/// 200 with the envelope and what is in it.
net::HttpResponse ok_whole(std::string_view body);
/// The same, made of the members that `put_members(json)` puts, with no copy of them in between.
template <class PutMembers>
net::HttpResponse ok_object(const PutMembers& put_members) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    json.Key("status");
    json.String("OK");
    json.Key("data");
    json.StartObject();
    put_members(json);
    json.EndObject();
    json.EndObject();
    return ok_whole({buffer.GetString(), buffer.GetSize()});
}
/// The same for one page of a list.
net::HttpResponse ok_list(std::string_view data, bool has_more);
net::HttpResponse failed(int status, std::string_view error);
/// 422: the state of a run forbids it. Beside `error` it has `code`, `message` and `errors`, by
/// which reporters know whether to stop (RUN_CANCELLED), to go on unrecorded, and what to print.
/// Source:
/// @currents/playwright 2.5.0, which reads these of every 422.
net::HttpResponse refused(std::string_view code, std::string_view why);
constexpr std::string_view run_cancelled = "RUN_CANCELLED";
constexpr std::string_view run_expired = "RUN_EXPIRED";
constexpr std::string_view run_complete = "RUN_COMPLETE";
net::HttpResponse run_not_found();
/// 503 with Retry-After: `why` will not be so for long.
net::HttpResponse try_again(std::string_view why);
/// The same where the memory budget is used up.
net::HttpResponse no_room();

/// A media type that may go into a header: visible ASCII of some length, else it counts as unknown.
std::string safe_media_type(std::string type);

// Members of an object that is being written.
void put(Json& json, const char* key, std::string_view text);
void put(Json& json, const char* key, std::int64_t number);
void put(Json& json, const char* key, const std::optional<Time>& time);  // null where absent
void put_or_null(Json& json, const char* key, const std::optional<std::string>& text);
/// The member `worker`: which of its machine's workers ran a spec.
void put_worker(Json& json, std::int64_t worker_index, std::int64_t parallel_index);
/// Text that is JSON already.
void put_raw(Json& json, const char* key, const std::string& text);
void put_raw_or_null(Json& json, const char* key, const std::optional<std::string>& text);
/// An object of the members that `put_members()` puts; null where it is not there.
template <class PutMembers>
void put_object_or_null(Json& json, const char* key, bool is_there, const PutMembers& put_members) {
    json.Key(key);
    if (!is_there) {
        json.Null();
        return;
    }
    json.StartObject();
    put_members();
    json.EndObject();
}

}  // namespace runs_agent::runs_server
