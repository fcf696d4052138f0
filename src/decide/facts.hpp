// SPDX-License-Identifier: MIT
// What a delivery says, reduced to what decisions need.
// Source: docs.github.com, "Webhook events and payloads", workflow_run and
// workflow_job.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace runs_agent::decide {

using Time = std::chrono::sys_time<std::chrono::milliseconds>;

/// Names one workflow run for good: ids are unique within a GitHub host, and outlive a rename of
/// the repository. Every attempt of the run shares it.
struct RunKey {
    std::string host;  // "github.com", or the host of a GitHub Enterprise Server
    std::int64_t run_id = 0;

    auto operator<=>(const RunKey&) const = default;
};

struct WorkflowRun {
    std::string action;  // requested, in_progress, completed; others are not errors
    RunKey key;
    int attempt = 1;              // counts from 1
    std::int64_t run_number = 0;  // counts within the workflow; the same for every attempt

    std::string repository;      // owner/name of the repository whose workflow it is
    std::string default_branch;  // of that repository; empty where not said
    std::int64_t workflow_id = 0;
    std::string workflow_name;
    std::string workflow_path;  // .github/workflows/e2e.yml, without an @ref

    std::string head_branch;  // may be empty (a tag's run, a deleted branch)
    std::string head_sha;
    std::string head_repository;  // owner/name, differs from repository for forks;
                                  // empty: deleted
    std::string event;            // push, pull_request, merge_group, …

    std::string status;      // queued, in_progress, completed, …; may contradict the action
    std::string conclusion;  // empty where none is given
    std::string actor;
    std::string triggering_actor;             // who re-ran it, where somebody did
    std::vector<std::int64_t> pull_requests;  // empty for forks

    Time created_at{};
    Time started_at{};  // of this attempt
    Time updated_at{};

    bool operator==(const WorkflowRun&) const = default;
};

/// One job of an attempt. What else there is to know of its run, workflow_run events tell.
struct WorkflowJob {
    std::string action;  // queued, in_progress, completed, waiting
    RunKey run;
    int attempt = 1;
    std::int64_t job_id = 0;
    std::string name;         // "e2e (1, chrome)": what people see, matrix values and all
    std::string repository;   // owner/name
    std::string runner_name;  // empty: no runner took it
    // What people look for it by; a server may leave each of them out.
    std::string workflow_name;
    std::string head_branch;
    std::string sender;  // who set the event off
    std::string conclusion;
    Time completed_at{};

    bool operator==(const WorkflowJob&) const = default;
};

/// What can be decided upon.
using Event = std::variant<WorkflowRun, WorkflowJob>;

inline const RunKey& run_of(const Event& event) {
    const auto* const job = std::get_if<WorkflowJob>(&event);
    return job != nullptr ? job->run : std::get<WorkflowRun>(event).key;
}

/// When what it tells of happened, by GitHub's clock; absent: not said.
inline std::optional<Time> time_of(const Event& event) {
    const auto* const job = std::get_if<WorkflowJob>(&event);
    const Time time = job != nullptr ? job->completed_at : std::get<WorkflowRun>(event).updated_at;
    return time == Time() ? std::nullopt : std::optional(time);
}

inline int attempt_of(const Event& event) {
    return std::visit([](const auto& one) { return one.attempt; }, event);
}

}  // namespace runs_agent::decide
