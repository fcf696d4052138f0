#include "agent/action/doing/record_key.hpp"

#include "net/retry_after.hpp"
#include "runs_api/document.hpp"

#include <boost/asio/awaitable.hpp>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace runs_agent::agent::action {

namespace asio = boost::asio;
using runs_api::Answer;

namespace {

using JsonWriter = rapidjson::Writer<rapidjson::StringBuffer>;

void put(JsonWriter& json, const char* name, const std::string& value) {
    json.Key(name);
    json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

Result<Answer> to_answer(net::HttpResponse response, const std::string& key, Time now) {
    Answer answer;
    answer.status = response.status;
    answer.retry_after = net::retry_after(response.headers, now);
    if (answer.ok()) {
        auto document = runs_api::read_document(std::move(response.body));
        if (document.has_error()) return document.error();
        answer.data = std::move(*document);
    } else if (answer.status >= 300 && answer.status < 400) {
        answer.error =
            "a redirect, which is not followed with a key in hand; set director-url to the address "
            "it leads to";
    } else {
        answer.error = runs_api::read_error(std::move(response.body), key);
    }
    return answer;
}

}  // namespace

std::string record_key_body(const Request& request) {
    rapidjson::StringBuffer buffer;
    JsonWriter json(buffer);
    json.StartObject();
    put(json, "recordKey", request.record_key);
    put(json, "projectId", request.project_id);
    if (request.run_id.empty())
        put(json, "ciBuildId", request.ci_build_id);
    else
        put(json, "runId", request.run_id);
    json.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

asio::awaitable<Result<Answer>> cancel_with_record_key(net::HttpTransport& transport,
                                                       const Clock& clock, Request request) {
    net::HttpRequest http;
    http.method = "POST";
    http.target = request.director_url + "/runs/cancel";
    http.headers.add("Accept", "application/json");
    http.headers.add("Content-Type", "application/json");
    http.body = record_key_body(request);
    Result<net::HttpResponse> response = co_await transport.send(std::move(http));
    if (response.has_error()) co_return std::move(response).error();
    co_return to_answer(std::move(*response), request.record_key, clock.now());
}

}  // namespace runs_agent::agent::action
