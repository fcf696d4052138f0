// SPDX-License-Identifier: MIT
#include "admin/json.hpp"

#include "base/time_text.hpp"
#include "json/writing.hpp"

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace runs_agent::admin {

using json::put;
using json::put_or_null;
using store::Call;
using store::CallHistory;
using store::CallState;
using store::DeliveryDetail;
using store::DeliveryRow;

namespace {

template <class Writer>
void put_time(Writer& json, const char* key, const std::optional<Time>& time) {
    json.Key(key);
    if (time) {
        json.String(to_iso8601(*time));
    } else {
        json.Null();
    }
}

template <class Writer>
void put_if_any(Writer& json, const char* key, const std::string& value) {
    if (!value.empty()) put(json, key, value);
}

template <class Writer>
void write_job(Writer& json, const decide::WorkflowJob& job) {
    put_or_null(json, "jobId", job.job_id == 0 ? "" : std::to_string(job.job_id));
    put_or_null(json, "job", job.name);
    put_or_null(json, "runner", job.runner_name);
    put_if_any(json, "branch", job.head_branch);
    put_if_any(json, "workflow", job.workflow_name);
    put_if_any(json, "sender", job.sender);
    put_or_null(json, "conclusion", job.conclusion);
    put_time(json, "completedAt",
             job.completed_at == Time() ? std::nullopt : std::optional<Time>(job.completed_at));
}

/// The members of a delivery that a list and a single one share.
template <class Writer>
void write_row(Writer& json, const DeliveryRow& row) {
    put(json, "delivery", row.guid);
    put(json, "event", row.event);
    put_or_null(json, "action", row.action);
    put(json, "host", row.host);
    put_or_null(json, "repository", row.repository);
    put_time(json, "receivedAt", row.received_at);
    put_time(json, "decidedAt", row.decided_at);
    put_or_null(json, "rule", row.rule);
    put_or_null(json, "reason", row.reason);
    json.Key("policy");
    if (row.policy) {
        json.String(*row.policy);
    } else {
        json.Null();
    }
    if (row.run) {
        put(json, "githubRunId", std::to_string(row.run->key.run_id));
        json.Key("githubRunAttempt");
        json.Int(row.run->attempt);
    }
    if (row.job) {
        write_job(json, *row.job);
    } else if (row.run) {
        put_or_null(json, "branch", row.run->head_branch);
        put_or_null(json, "workflow", row.run->workflow_name);
        put_or_null(json, "conclusion", row.run->conclusion);
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
    put_or_null(json, "projectId", call.planned.project_id);
    if (!call.planned.machine_id.empty()) put(json, "machineId", call.planned.machine_id);
    json.Key("onlyIfInProgress");
    json.Bool(call.planned.only_if_in_progress);
    put(json, "state", store::to_string(call.state));
    put_time(json, "dueAt",
             call.state == CallState::pending ? std::optional<Time>(call.due_at) : std::nullopt);
    put_time(json, "finishedAt", call.finished_at);
    put_or_null(json, "outcome", call.outcome);
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

template <class Writer>
void write_detail(Writer& json, const DeliveryDetail& detail) {
    write_row(json, detail.row);
    json.Key("payloadKept");
    json.Bool(detail.body_kept);
    json.Key("calls");
    json.StartArray();
    for (const CallHistory& history : detail.calls) write_call(json, history);
    json.EndArray();
}

/// One object of the members that `members(json)` writes.
template <class Members>
std::string written(const Members& members) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
    json.StartObject();
    members(json);
    json.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace

std::string progress(const DeliveryRow& row) {
    if (!row.decided_at) return "undecided";
    if (row.calls == 0) return "nothing to do";
    if (row.calls_dead > 0) return std::to_string(row.calls_dead) + " dead";
    if (row.calls_open > 0) return std::to_string(row.calls_open) + " open";
    if (row.calls_dropped > 0) return std::to_string(row.calls_dropped) + " dropped";
    return "done";
}

std::string policy_then(const DeliveryRow& row) {
    if (!row.policy) return "not kept by the version that decided this";
    return *row.policy;
}

std::string to_json_lines(const std::vector<DeliveryRow>& rows) {
    std::string lines;
    for (const DeliveryRow& row : rows)
        lines += written([&](auto& json) { write_row(json, row); }) + "\n";
    return lines;
}

std::string to_json(const DeliveryDetail& detail) {
    rapidjson::StringBuffer buffer;
    rapidjson::PrettyWriter<rapidjson::StringBuffer> json(buffer);
    json.SetIndent(' ', 2);
    json.StartObject();
    write_detail(json, detail);
    json.EndObject();
    return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

std::string to_json(const store::DeliveryPage& page) {
    return written([&](auto& json) {
        json.Key("deliveries");
        json.StartArray();
        for (const DeliveryRow& row : page.rows) {
            json.StartObject();
            write_row(json, row);
            json.EndObject();
        }
        json.EndArray();
        put_or_null(json, "next", page.next);
        put_time(json, "lookedUntil", page.looked_until);
    });
}

std::string to_json(const RunStory& story) {
    return written([&](auto& json) {
        put(json, "host", story.host);
        put(json, "repository", story.repository);
        put(json, "githubRunId", std::to_string(story.run_id));
        json.Key("deliveries");
        json.StartArray();
        for (const DeliveryDetail& detail : story.deliveries) {
            json.StartObject();
            write_detail(json, detail);
            json.EndObject();
        }
        json.EndArray();
        json.Key("more");
        json.Bool(story.more);
    });
}

std::string to_json(const std::vector<store::HandRecord>& acts) {
    return written([&](auto& json) {
        json.Key("acts");
        json.StartArray();
        for (const store::HandRecord& act : acts) {
            json.StartObject();
            put_time(json, "at", act.at);
            put(json, "act", act.act);
            put(json, "actor", act.actor);
            put_or_null(json, "reason", act.reason);
            put_or_null(json, "delivery", act.delivery);
            put_or_null(json, "subject", act.subject);
            put_or_null(json, "filter", act.filter);
            json.Key("calls");
            json.Int(act.calls);
            json.EndObject();
        }
        json.EndArray();
    });
}

std::string to_json(const store::HandOutcome& outcome) {
    return written([&](auto& json) {
        json.Key("deliveries");
        json.Int(outcome.deliveries);
        json.Key("calls");
        json.Int(outcome.calls);
        json.Key("leftAlone");
        json.StartArray();
        for (const auto& [why, count] : outcome.left_alone) {
            json.StartObject();
            put(json, "reason", why);
            json.Key("deliveries");
            json.Int(count);
            json.EndObject();
        }
        json.EndArray();
        json.Key("more");
        json.Bool(outcome.more);
    });
}

std::string to_json(const std::vector<store::Counts>& counts) {
    return written([&](auto& json) {
        json.Key("hours");
        json.StartArray();
        for (const store::Counts& one : counts) {
            json.StartObject();
            put_time(json, "from", one.from);
            for (const auto& [name, value] :
                 {std::pair("deliveries", one.deliveries), std::pair("nothing", one.nothing),
                  std::pair("cancelled", one.cancelled), std::pair("reopened", one.reopened),
                  std::pair("dead", one.dead), std::pair("specsReopened", one.specs),
                  std::pair("specsUnknown", one.uncounted)}) {
                json.Key(name);
                json.Int64(value);
            }
            json.EndObject();
        }
        json.EndArray();
    });
}

}  // namespace runs_agent::admin
