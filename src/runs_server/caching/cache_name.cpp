// SPDX-License-Identifier: MIT
#include "runs_server/caching/cache_name.hpp"

#include "runs_server/answers/json_text.hpp"
#include "runs_server/recording/ci_build_id.hpp"

#include <algorithm>
#include <array>

namespace runs_agent::runs_server {

using rapidjson::Value;

namespace {

/// What stays the same when a job runs again. The first must be there.
struct Job {
    std::string_view provider;
    std::array<std::string_view, 4> variables;
};

constexpr std::array jobs{
    Job{"githubActions", {"githubRunId", "githubRepository", "githubJob", ""}},
    Job{"gitlab", {"ciPipelineId", "ciProjectId", "ciJobName", "ciNodeIndex"}},
    // Of a workflow that runs again, its workspace is the same, and nothing else.
    Job{"circle",
        {"circleWorkflowWorkspaceId", "circleProjectReponame", "circleJob", "circleNodeIndex"}}};

std::string param(const Value* params, std::string_view name) {
    std::string found = text(params, name);
    if (!found.empty()) return found;
    const auto value = number(params, name);
    return value ? std::to_string(*value) : "";
}

std::string of_job(const Value* ci) {
    const std::string provider = text(ci, "provider");
    const auto job = std::find_if(jobs.begin(), jobs.end(),
                                  [&](const Job& j) { return j.provider == provider; });
    if (job == jobs.end()) return made_build_id(ci);
    const Value* const params = member(ci, "params");
    if (param(params, job->variables[0]).empty()) return {};
    std::string name = provider;
    for (const std::string_view variable : job->variables)
        if (!variable.empty()) name += "/" + param(params, variable);
    return name;
}

/// "2of3"; also where there is but one.
std::string part_of(const Value* config) {
    const std::int64_t index = number(config, "matrixIndex").value_or(1);
    const std::int64_t total = number(config, "matrixTotal").value_or(1);
    return std::to_string(index) + "of" + std::to_string(total);
}

}  // namespace

std::string cache_name_of(const Value& body) {
    const std::string id = text(&body, "id");
    const std::string name = id.empty() ? of_job(member(&body, "ci")) : "id/" + id;
    return name.empty() ? "" : name + "/" + part_of(member(&body, "config"));
}

}  // namespace runs_agent::runs_server
