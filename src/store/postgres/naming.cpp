// SPDX-License-Identifier: MIT
#include "store/postgres/naming.hpp"

#include "store/facts_json.hpp"

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

int name_some(postgres::Connection& connection, int limit) {
    std::vector<std::pair<std::int64_t, std::string>> unnamed;
    {
        auto rows = connection.prepare(
            "SELECT id, coalesce(facts, '') FROM deliveries WHERE named = 0 ORDER BY id DESC"
            " LIMIT ? FOR UPDATE SKIP LOCKED");
        rows.bind(limit);
        while (rows.step()) unnamed.emplace_back(rows.integer(0), rows.text(1));
    }
    for (const auto& [id, facts] : unnamed) {
        const Names names = names_of(parse_facts(facts));
        connection
            .prepare(
                "UPDATE deliveries SET named = 1, workflow = ?, workflow_path = ?, branch = ?,"
                " actor = ?, conclusion = ?, job = ? WHERE id = ?")
            .bind(names.workflow)
            .bind(names.workflow_path)
            .bind(names.branch)
            .bind(names.actor)
            .bind(names.conclusion)
            .bind(names.job)
            .bind(id)
            .run();
    }
    return static_cast<int>(unnamed.size());
}

}  // namespace runs_agent::store
