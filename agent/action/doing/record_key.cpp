// SPDX-License-Identifier: MIT
#include "agent/action/doing/record_key.hpp"

#include "json/writing.hpp"
#include "runs_api/document.hpp"

#include <boost/asio/awaitable.hpp>

namespace runs_agent::agent::action {

namespace asio = boost::asio;
using json::put;
using runs_api::Answer;

std::string record_key_body(const Request& request) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
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
    co_return runs_api::read_answer(std::move(*response), request.record_key, clock.now(),
                                    "director-url");
}

}  // namespace runs_agent::agent::action
