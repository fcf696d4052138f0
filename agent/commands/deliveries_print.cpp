#include "agent/commands/deliveries_print.hpp"

#include "base/time_text.hpp"

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace runs_agent::agent {

using store::Call;
using store::CallHistory;
using store::CallState;
using store::DeliveryDetail;
using store::DeliveryRow;

namespace {

/// Where the calls of a delivery stand, in a word or two.
std::string progress(const DeliveryRow& row) {
    if (!row.decided_at) return "undecided";
    if (row.calls == 0) return "nothing to do";
    if (row.calls_dead > 0) return std::to_string(row.calls_dead) + " dead";
    if (row.calls_open > 0) return std::to_string(row.calls_open) + " open";
    return "done";
}

std::string event_of(const DeliveryRow& row) {
    return row.action.empty() ? row.event : row.event + "." + row.action;
}

std::string name_of(const Call& call) {
    std::string name = std::string(decide::to_string(call.planned.operation)) + " run " +
                       std::to_string(call.planned.run.run_id) + " attempt " +
                       std::to_string(call.planned.attempt);
    if (!call.planned.project_id.empty()) name += " project " + call.planned.project_id;
    if (call.planned.only_if_in_progress) name += " (only while in progress)";
    return name;
}

/// Names come from outside: what could draw on a terminal becomes a space.
void add_line(std::string& text, const char* name, std::string value) {
    if (value.empty()) return;
    std::replace_if(
        value.begin(), value.end(),
        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
    std::array<char, 16> label{};
    std::snprintf(label.data(), label.size(), "%-12s", name);
    text += label.data() + value + "\n";
}

void describe_run(std::string& text, const decide::WorkflowRun& run) {
    add_line(text, "run",
             std::to_string(run.key.run_id) + " attempt " + std::to_string(run.attempt) +
                 ", number " + std::to_string(run.run_number) + ", by " + run.event);
    add_line(text, "workflow",
             run.workflow_name + (run.workflow_path.empty() ? "" : " (" + run.workflow_path + ")"));
    const bool fork = !run.head_repository.empty() && run.head_repository != run.repository;
    add_line(text, "branch", run.head_branch + (fork ? " of " + run.head_repository : ""));
    add_line(text, "status",
             run.status + (run.conclusion.empty() ? "" : ", concluded " + run.conclusion));
    add_line(text, "started by", run.triggering_actor.empty() ? run.actor : run.triggering_actor);
}

void describe_call(std::string& text, const CallHistory& history, const std::string& shown) {
    const Call& call = history.call;
    text += "\n" + name_of(call) + "\n";
    if (call.delivery != shown) add_line(text, "  moved to", "delivery " + call.delivery);
    add_line(text, "  rule", std::string(decide::to_string(call.planned.rule)));
    add_line(text, "  why", call.planned.reason);
    std::string state(store::to_string(call.state));
    if (call.state == CallState::pending) state += ", due " + to_iso8601(call.due_at);
    if (call.finished_at) state += " at " + to_iso8601(*call.finished_at);
    add_line(text, "  state", state);
    add_line(text, "  outcome", call.outcome);
    for (const store::Try& tried : history.tries)
        text += "    " + to_iso8601(tried.at) + "  " + to_words(tried.took) + "  " + tried.result +
                "\n";
}

template <class Writer>
void put(Writer& json, const char* key, std::string_view text) {
    json.Key(key);
    json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

template <class Writer>
void put_time(Writer& json, const char* key, const std::optional<Time>& time) {
    json.Key(key);
    if (time) {
        json.String(to_iso8601(*time));
    } else {
        json.Null();
    }
}

/// The members of a delivery that a list and a single one share.
template <class Writer>
void write_row(Writer& json, const DeliveryRow& row) {
    put(json, "delivery", row.guid);
    put(json, "event", row.event);
    put(json, "action", row.action);
    put(json, "host", row.host);
    put(json, "repository", row.repository);
    put_time(json, "receivedAt", row.received_at);
    put_time(json, "decidedAt", row.decided_at);
    put(json, "rule", row.rule);
    put(json, "reason", row.reason);
    if (row.run) {
        put(json, "githubRunId", std::to_string(row.run->key.run_id));
        json.Key("githubRunAttempt");
        json.Int(row.run->attempt);
        put(json, "branch", row.run->head_branch);
        put(json, "workflow", row.run->workflow_name);
        put(json, "conclusion", row.run->conclusion);
    }
    put(json, "progress", progress(row));
}

template <class Writer>
void write_call(Writer& json, const CallHistory& history) {
    const Call& call = history.call;
    json.StartObject();
    put(json, "delivery", call.delivery);
    put(json, "operation", decide::to_string(call.planned.operation));
    put(json, "rule", decide::to_string(call.planned.rule));
    put(json, "reason", call.planned.reason);
    put(json, "githubRunId", std::to_string(call.planned.run.run_id));
    json.Key("githubRunAttempt");
    json.Int(call.planned.attempt);
    put(json, "projectId", call.planned.project_id);
    json.Key("onlyIfInProgress");
    json.Bool(call.planned.only_if_in_progress);
    put(json, "state", store::to_string(call.state));
    put_time(json, "dueAt",
             call.state == CallState::pending ? std::optional<Time>(call.due_at) : std::nullopt);
    put_time(json, "finishedAt", call.finished_at);
    put(json, "outcome", call.outcome);
    json.Key("tries");
    json.StartArray();
    for (const store::Try& tried : history.tries) {
        json.StartObject();
        put_time(json, "at", tried.at);
        json.Key("tookMs");
        json.Int64(tried.took.count());
        json.Key("status");
        json.Int(tried.status);
        put(json, "result", tried.result);
        json.EndObject();
    }
    json.EndArray();
    json.EndObject();
}

}  // namespace

std::string describe_deliveries(const std::vector<DeliveryRow>& rows) {
    std::string text;
    for (const DeliveryRow& row : rows) {
        text += to_iso8601(row.received_at) + "  " + row.guid + "  " + event_of(row) + "  " +
                (row.repository.empty() ? "-" : row.repository);
        if (row.run)
            text += " run " + std::to_string(row.run->key.run_id) + "/" +
                    std::to_string(row.run->attempt);
        text += "  " + (row.rule.empty() ? "-" : row.rule) + "  " + progress(row) + "\n";
    }
    return text;
}

std::string describe_delivery(const DeliveryDetail& detail) {
    const DeliveryRow& row = detail.row;
    std::string text;
    add_line(text, "delivery", row.guid);
    add_line(text, "event", event_of(row) + " from " + row.host);
    add_line(text, "received", to_iso8601(row.received_at));
    add_line(text, "repository", row.repository);
    if (row.run) describe_run(text, *row.run);
    add_line(text, "decided", row.decided_at ? to_iso8601(*row.decided_at) : "not yet");
    add_line(text, "rule", row.rule);
    add_line(text, "why", row.reason);
    if (row.decided_at && detail.calls.empty()) add_line(text, "calls", "none");
    for (const CallHistory& history : detail.calls) describe_call(text, history, row.guid);
    return text;
}

std::string to_json_lines(const std::vector<DeliveryRow>& rows) {
    std::string lines;
    for (const DeliveryRow& row : rows) {
        rapidjson::StringBuffer buffer;
        rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
        json.StartObject();
        write_row(json, row);
        json.EndObject();
        lines.append(buffer.GetString(), buffer.GetSize());
        lines += '\n';
    }
    return lines;
}

std::string to_json(const DeliveryDetail& detail) {
    rapidjson::StringBuffer buffer;
    rapidjson::PrettyWriter<rapidjson::StringBuffer> json(buffer);
    json.SetIndent(' ', 2);
    json.StartObject();
    write_row(json, detail.row);
    json.Key("payloadKept");
    json.Bool(detail.body_kept);
    json.Key("calls");
    json.StartArray();
    for (const CallHistory& history : detail.calls) write_call(json, history);
    json.EndArray();
    json.EndObject();
    return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

}  // namespace runs_agent::agent
