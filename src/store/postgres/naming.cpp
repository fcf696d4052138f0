// SPDX-License-Identifier: MIT
#include "store/postgres/naming.hpp"

#include "store/facts_json.hpp"
#include "store/postgres/lanes.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace runs_agent::store {

namespace {

std::optional<std::string> if_any(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

}  // namespace

Names names_of(const std::optional<decide::Event>& facts) {
    Names names;
    if (!facts) return names;
    if (const auto* const job = std::get_if<decide::WorkflowJob>(&*facts)) {
        names.conclusion = if_any(job->conclusion);
        names.job = if_any(job->name);
        names.workflow = if_any(job->workflow_name);
        names.branch = if_any(job->head_branch);
        names.actor = if_any(job->sender);
        return names;
    }
    const auto& run = std::get<decide::WorkflowRun>(*facts);
    names.workflow = if_any(run.workflow_name);
    names.workflow_path = if_any(run.workflow_path);
    names.branch = if_any(run.head_branch);
    names.actor = if_any(run.triggering_actor.empty() ? run.actor : run.triggering_actor);
    names.conclusion = if_any(run.conclusion);
    return names;
}

Named name_some(postgres::Connection& connection, std::int64_t salt, std::int64_t below,
                int limit) {
    Named named;
    HeldLanes lanes(connection, salt);
    if (!lanes.take(lane_of({"name"}))) return named;
    std::vector<std::int64_t> ids;
    std::vector<std::string> workflows;
    std::vector<std::string> paths;
    std::vector<std::string> branches;
    std::vector<std::string> actors;
    std::vector<std::string> conclusions;
    std::vector<std::string> jobs;
    {
        // NO KEY: calls of these deliveries may be planned meanwhile.
        auto rows = connection.prepare(
            "SELECT id, coalesce(facts, '') FROM deliveries WHERE named = 0 AND id < ?"
            " ORDER BY id DESC LIMIT ? FOR NO KEY UPDATE SKIP LOCKED");
        rows.bind(below).bind(limit);
        while (rows.step()) {
            Names names = names_of(parse_facts(rows.text(1)));
            const auto keep = [](std::vector<std::string>& all, std::optional<std::string>& name) {
                all.push_back(std::move(name).value_or(""));
            };
            ids.push_back(rows.integer(0));
            keep(workflows, names.workflow);
            keep(paths, names.workflow_path);
            keep(branches, names.branch);
            keep(actors, names.actor);
            keep(conclusions, names.conclusion);
            keep(jobs, names.job);
        }
    }
    if (ids.empty()) return named;
    connection
        .prepare(
            "UPDATE deliveries d SET named = 1, workflow = nullif(n.workflow, ''),"
            " workflow_path = nullif(n.path, ''), branch = nullif(n.branch, ''),"
            " actor = nullif(n.actor, ''), conclusion = nullif(n.conclusion, ''),"
            " job = nullif(n.job, '') FROM unnest(?1, ?2, ?3, ?4, ?5, ?6, ?7)"
            " AS n(id, workflow, path, branch, actor, conclusion, job) WHERE d.id = n.id")
        .bind_array(ids)
        .bind_array(workflows)
        .bind_array(paths)
        .bind_array(branches)
        .bind_array(actors)
        .bind_array(conclusions)
        .bind_array(jobs)
        .run();
    named.rows = static_cast<int>(ids.size());
    named.lowest = ids.back();
    return named;
}

}  // namespace runs_agent::store
