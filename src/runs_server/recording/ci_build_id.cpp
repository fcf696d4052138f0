// SPDX-License-Identifier: MIT
#include "runs_server/recording/ci_build_id.hpp"

#include "base/text.hpp"
#include "runs_server/answers/json_text.hpp"

#include <array>

namespace runs_agent::runs_server {

using rapidjson::Value;

namespace {

/// A text, or a number as text; empty where it is neither.
std::string param(const Value* params, std::string_view name) {
    std::string found = text(params, name);
    if (!found.empty()) return found;
    const auto value = number(params, name);
    return value ? std::to_string(*value) : "";
}

/// The variables by which each CI tells its builds apart, one build's machines being alike in them.
/// Source: the variables that @currents/playwright 2.5.0 sends, and each CI's documentation.
struct Provider {
    std::string_view name;
    std::array<std::string_view, 2> ids;
};

constexpr std::array providers{
    Provider{"appveyor", {"appveyorProjectSlug", "appveyorBuildId"}},
    Provider{"awsCodeBuild", {"codebuildInitiator", "codebuildBuildId"}},
    Provider{"azure", {"systemCollectionuri", "buildBuildid"}},
    Provider{"bamboo", {"bambooBuildKey", "bambooBuildNumber"}},
    Provider{"bitbucket", {"bitbucketRepoFullName", "bitbucketBuildNumber"}},
    Provider{"buildkite", {"buildkitePipelineSlug", "buildkiteBuildId"}},
    Provider{"circle", {"circleProjectReponame", "circleWorkflowId"}},
    Provider{"codeFresh", {"cfPipelineName", "cfBuildId"}},
    Provider{"concourse", {"buildPipelineName", "buildId"}},
    Provider{"drone", {"droneBuildLink", "droneBuildNumber"}},
    Provider{"gitlab", {"ciProjectId", "ciPipelineId"}},
    Provider{"goCD", {"goPipelineName", "goPipelineCounter"}},
    Provider{"googleCloud", {"projectId", "buildId"}},
    Provider{"jenkins", {"jobName", "buildNumber"}},
    Provider{"netlify", {"url", "buildId"}},
    Provider{"semaphore", {"semaphoreProjectName", "semaphoreWorkflowId"}},
    Provider{"travis", {"travisRepoSlug", "travisBuildId"}}};

std::string of_github(const Value* params) {
    const std::string run_id = param(params, "githubRunId");
    if (run_id.empty()) return {};
    const std::string repository = param(params, "githubRepository");
    const std::string attempt = param(params, "githubRunAttempt");
    return (repository.empty() ? "" : repository + "-") + run_id +
           (attempt.empty() ? "" : "-" + attempt);
}

/// Takes "-7" from the end of a text; empty where it does not end so.
std::string take_number(std::string& text) {
    const auto dash = text.rfind('-');
    if (dash == std::string::npos) return {};
    std::string number = text.substr(dash + 1);
    if (number.empty() || number.size() > 18 || !all_digits(number)) return {};
    text.resize(dash);
    return number;
}

}  // namespace

std::string made_build_id(const Value* ci) {
    const Value* const params = member(ci, "params");
    const std::string provider = text(ci, "provider");
    if (provider == "githubActions" || provider.empty()) return of_github(params);
    for (const Provider& known : providers) {
        if (known.name != provider) continue;
        // The last one tells builds apart; the first, where it is told, whose they are.
        const std::string build = param(params, known.ids[1]);
        const std::string whose = param(params, known.ids[0]);
        if (build.empty()) return {};
        std::string id = provider + "-";
        if (!whose.empty()) (id += whose) += '-';
        id += build;
        return id;
    }
    return {};
}

GithubBuild github_build_of(const std::string& ci_build_id) {
    GithubBuild build;
    std::string rest = ci_build_id;
    const std::string attempt = take_number(rest);
    std::string run_id = attempt.empty() ? "" : take_number(rest);
    if (run_id.empty() || rest.find('/') == std::string::npos) return build;
    build.attempt = parse_number<std::int64_t>(attempt).value_or(0);
    if (build.attempt <= 0) return {};
    build.repository = std::move(rest);
    build.run_id = std::move(run_id);
    return build;
}

}  // namespace runs_agent::runs_server
