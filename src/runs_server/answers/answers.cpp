// SPDX-License-Identifier: MIT
#include "runs_server/answers/answers.hpp"

#include "base/time_text.hpp"

#include <algorithm>

namespace runs_agent::runs_server {

net::HttpResponse ok(std::string_view data) {
    std::string body = R"({"status":"OK","data":)";
    body += data;
    body += '}';
    return net::json_response(200, std::move(body));
}

net::HttpResponse ok_whole(std::string_view body) {
    return net::json_response(200, std::string(body));
}

net::HttpResponse ok_list(std::string_view data, bool has_more) {
    std::string body = R"({"status":"OK","has_more":)";
    body += has_more ? "true" : "false";
    body += R"(,"data":)";
    body += data;
    body += '}';
    return net::json_response(200, std::move(body));
}

net::HttpResponse failed(int status, std::string_view error) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    put(json, "status", "FAILED");
    put(json, "error", error);
    json.EndObject();
    return net::json_response(status, {buffer.GetString(), buffer.GetSize()});
}

net::HttpResponse refused(std::string_view code, std::string_view why) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    put(json, "status", "FAILED");
    put(json, "error", why);
    put(json, "code", code);
    put(json, "message", why);
    json.Key("errors");
    json.StartArray();
    json.EndArray();
    json.EndObject();
    constexpr int unprocessable = 422;
    return net::json_response(unprocessable, {buffer.GetString(), buffer.GetSize()});
}

net::HttpResponse run_not_found() {
    return failed(404, "Run not found");
}

net::HttpResponse try_again(std::string_view why) {
    net::HttpResponse response = failed(503, why);
    response.headers.add("Retry-After", "5");
    return response;
}

net::HttpResponse no_room() {
    return try_again("too much is being sent and answered at once; try again in a moment");
}

std::string safe_media_type(std::string type) {
    const bool fit =
        !type.empty() && type.size() <= 127 &&
        std::all_of(type.begin(), type.end(), [](char c) { return c >= ' ' && c <= '~'; });
    return fit ? type : "application/octet-stream";
}

void put(Json& json, const char* key, std::string_view text) {
    json::put(json, key, text);
}

void put(Json& json, const char* key, std::int64_t number) {
    json.Key(key);
    json.Int64(number);
}

void put(Json& json, const char* key, const std::optional<Time>& time) {
    json.Key(key);
    if (time) {
        json.String(to_iso8601(*time));
    } else {
        json.Null();
    }
}

void put_or_null(Json& json, const char* key, const std::optional<std::string>& text) {
    if (text) return put(json, key, *text);
    json.Key(key);
    json.Null();
}

void put_worker(Json& json, std::int64_t worker_index, std::int64_t parallel_index) {
    json.Key("worker");
    json.StartObject();
    put(json, "workerIndex", worker_index);
    put(json, "parallelIndex", parallel_index);
    json.EndObject();
}

void put_raw_or_null(Json& json, const char* key, const std::optional<std::string>& text) {
    put_raw(json, key, text.value_or("null"));
}

void put_raw(Json& json, const char* key, const std::string& text) {
    json.Key(key);
    json.RawValue(text.data(), text.size(), rapidjson::kNullType);
}

}  // namespace runs_agent::runs_server
