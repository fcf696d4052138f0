// SPDX-License-Identifier: MIT
#include "store/facts_json.hpp"

#include "json/reading.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace runs_agent::store {

namespace {

using decide::WorkflowJob;
using decide::WorkflowRun;

/// Calls `field(name, member)` for each member, so that writing and reading cannot drift apart.
/// The names are part of the on-disk form: they may be added to, never changed.
template <class Run, class Field>
void each_field_of_run(Run& run, Field field) {
    field("action", run.action);
    field("host", run.key.host);
    field("run_id", run.key.run_id);
    field("attempt", run.attempt);
    field("run_number", run.run_number);
    field("repository", run.repository);
    field("default_branch", run.default_branch);
    field("workflow_id", run.workflow_id);
    field("workflow_name", run.workflow_name);
    field("workflow_path", run.workflow_path);
    field("head_branch", run.head_branch);
    field("head_sha", run.head_sha);
    field("head_repository", run.head_repository);
    field("event", run.event);
    field("status", run.status);
    field("conclusion", run.conclusion);
    field("actor", run.actor);
    field("triggering_actor", run.triggering_actor);
    field("pull_requests", run.pull_requests);
    field("created_at", run.created_at);
    field("started_at", run.started_at);
    field("updated_at", run.updated_at);
}

/// The same for a job; what it says of its run has the same names.
template <class Job, class Field>
void each_field_of_job(Job& job, Field field) {
    field("action", job.action);
    field("host", job.run.host);
    field("run_id", job.run.run_id);
    field("attempt", job.attempt);
    field("repository", job.repository);
    field("job_id", job.job_id);
    field("job_name", job.name);
    field("runner_name", job.runner_name);
    // Under the names that a run's have: what is found by those is found by these.
    field("workflow_name", job.workflow_name);
    field("head_branch", job.head_branch);
    field("actor", job.sender);
    field("conclusion", job.conclusion);
    field("completed_at", job.completed_at);
}

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

// What holds nothing is not written: rows stay small.
struct WriteField {
    Writer& json;

    void operator()(const char* name, const std::string& text) const {
        if (text.empty()) return;
        json.Key(name);
        json.String(text);
    }
    void operator()(const char* name, std::int64_t number) const {
        json.Key(name);
        json.Int64(number);
    }
    void operator()(const char* name, int number) const {
        (*this)(name, static_cast<std::int64_t>(number));
    }
    void operator()(const char* name, decide::Time time) const {
        (*this)(name, static_cast<std::int64_t>(time.time_since_epoch().count()));
    }
    void operator()(const char* name, const std::vector<std::int64_t>& numbers) const {
        if (numbers.empty()) return;
        json.Key(name);
        json.StartArray();
        for (const auto number : numbers) json.Int64(number);
        json.EndArray();
    }
};

struct ReadField {
    const rapidjson::Value& object;

    const rapidjson::Value* member(const char* name) const { return json::member(object, name); }
    void operator()(const char* name, std::string& text) const {
        const auto* value = member(name);
        if (value != nullptr && value->IsString())
            text.assign(value->GetString(), value->GetStringLength());
    }
    void operator()(const char* name, std::int64_t& number) const {
        const auto* value = member(name);
        if (value != nullptr && value->IsInt64()) number = value->GetInt64();
    }
    void operator()(const char* name, int& number) const {
        const auto* value = member(name);
        if (value != nullptr && value->IsInt()) number = value->GetInt();
    }
    void operator()(const char* name, decide::Time& time) const {
        std::int64_t count = 0;
        (*this)(name, count);
        time = decide::Time(std::chrono::milliseconds(count));
    }
    void operator()(const char* name, std::vector<std::int64_t>& numbers) const {
        const auto* value = member(name);
        if (value == nullptr || !value->IsArray()) return;
        for (const auto& number : value->GetArray())
            if (number.IsInt64()) numbers.push_back(number.GetInt64());
    }
};

}  // namespace

std::string to_json(const decide::Event& event) {
    rapidjson::StringBuffer buffer;
    Writer json(buffer);
    json.StartObject();
    if (const auto* const job = std::get_if<WorkflowJob>(&event))
        each_field_of_job(*job, WriteField{json});
    else
        each_field_of_run(std::get<WorkflowRun>(event), WriteField{json});
    json.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

std::optional<decide::Event> parse_facts(std::string_view json) {
    rapidjson::Document document;
    document.Parse(json.data(), json.size());
    if (document.HasParseError() || !document.IsObject()) return std::nullopt;
    if (document.HasMember("job_id")) {
        WorkflowJob job;
        each_field_of_job(job, ReadField{document});
        return job;
    }
    WorkflowRun run;
    each_field_of_run(run, ReadField{document});
    return run;
}

std::optional<WorkflowRun> parse_run_facts(std::string_view json) {
    rapidjson::Document document;
    document.Parse(json.data(), json.size());
    if (document.HasParseError() || !document.IsObject()) return std::nullopt;
    WorkflowRun run;
    each_field_of_run(run, ReadField{document});
    return run;
}

}  // namespace runs_agent::store
