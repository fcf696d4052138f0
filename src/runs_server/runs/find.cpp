// SPDX-License-Identifier: MIT
#include "runs_server/runs/find.hpp"

#include "runs_api/types.hpp"
#include "runs_server/answers/answers.hpp"
#include "runs_server/runs/run_json.hpp"
#include "runs_server/setup/projects.hpp"

#include <algorithm>

namespace runs_agent::runs_server {

using sqlite::Database;

namespace {

bool branch_fits(std::string_view wanted, std::string_view branch) {
    if (wanted.empty()) return true;
    if (wanted.back() != '*') return branch == wanted;
    wanted.remove_suffix(1);
    return branch.substr(0, wanted.size()) == wanted;
}

std::optional<RunRow> newest_complete(Database& database, const std::string& project,
                                      const std::string& branch,
                                      const std::vector<std::string>& tags, Time now) {
    constexpr int page = 200;
    std::optional<std::int64_t> before;
    for (;;) {
        const auto runs = runs_before(database, project, before, page);
        for (const RunRow& run : runs) {
            before = run.seq;
            // One without tests may be about to get some, and tells nobody what failed.
            if (run.facts.specs == 0) continue;
            if (run_state_of(run.facts, now).completion != runs_api::CompletionState::complete)
                continue;
            if (!branch_fits(branch, run.branch)) continue;
            const auto own = texts_of(run.tags_json);
            if (std::all_of(tags.begin(), tags.end(),
                            [&own](const std::string& tag) { return own.contains(tag); }))
                return run;
        }
        if (runs.size() < static_cast<std::size_t>(page)) return std::nullopt;
    }
}

}  // namespace

net::HttpResponse find_run(Database& database, const net::Parameters& query,
                           const ArtifactUrls& urls,
                           const std::shared_ptr<net::MemoryBudget>& memory, Time now) {
    const auto value = [&query](std::string_view name) {
        return std::string(net::find(query, name).value_or(""));
    };
    const std::string project = value("projectId");
    if (project.empty()) return failed(400, "projectId is required");
    const std::string branch = value("branch");
    if (branch.size() > runs_api::longest_branch)
        return failed(400, "branch must be at most 250 characters");
    if (!branch.empty() && !runs_api::is_branch_filter(branch))
        return failed(
            400,
            "branch must be a name without spaces, or the beginning of one and a * at the end");
    const std::string last = value("pwLastRun");
    if (!last.empty() && last != "true" && last != "false")
        return failed(400, "pwLastRun must be true or false");
    std::vector<std::string> tags;
    for (const auto& [name, tag] : query)
        if (name == "tags[]" || name == "tag[]" || name == "tag" || name == "tags")
            tags.push_back(tag);

    if (!project_exists(database, project)) return failed(404, "Project not found");
    const std::string build_id = value("ciBuildId");
    const auto run = build_id.empty() ? newest_complete(database, project, branch, tags, now)
                                      : find_by_build_or_attempt(database, project, build_id);
    if (!run) return run_not_found();
    return full_run(database, *run, urls, last == "true", memory, now);
}

}  // namespace runs_agent::runs_server
