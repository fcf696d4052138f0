// SPDX-License-Identifier: MIT
// A workflow_run event to vary in tests.
#pragma once

#include "decide/facts.hpp"

#include <string>

namespace runs_agent::decide {

inline WorkflowRun example_run(std::string action = "in_progress", std::string conclusion = "",
                               int attempt = 1, std::int64_t run_id = 1001) {
    WorkflowRun run;
    run.action = std::move(action);
    run.conclusion = std::move(conclusion);
    run.status = run.action;
    run.key = {"github.com", run_id};
    run.attempt = attempt;
    run.run_number = run_id - 1000;
    run.repository = "octo/demo";
    run.default_branch = "main";
    run.workflow_id = 77;
    run.workflow_name = "e2e";
    run.workflow_path = ".github/workflows/e2e.yml";
    run.head_branch = "feature";
    run.head_sha = "c0ffee" + std::to_string(run_id);
    // Later runs are younger, by ids that GitHub gives as well: as hours, those would be no time.
    run.created_at = Time(std::chrono::hours(run_id % 1'000'000));
    run.started_at = run.created_at + std::chrono::hours(attempt - 1);
    run.head_repository = "octo/demo";
    run.event = "push";
    run.actor = "octocat";
    run.triggering_actor = "octocat";
    return run;
}

/// The end of a job of that run, to which a runner's death may have put it.
inline WorkflowJob example_job() {
    WorkflowJob job;
    job.action = "completed";
    job.conclusion = "failure";
    job.run = example_run().key;
    job.job_id = 5;
    job.name = "e2e (3)";
    job.repository = "octo/demo";
    job.runner_name = "runner-7";
    job.completed_at = example_run().started_at + std::chrono::minutes(9);
    return job;
}

}  // namespace runs_agent::decide
