// SPDX-License-Identifier: MIT
// The policy: what the user wants done, for which repository, workflow and branch. config/ reads it
// from YAML; here it is only data and the question which settings hold for a run.
#pragma once

#include "decide/build_id_template.hpp"
#include "decide/facts.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace runs_agent::decide {

enum class Reset { automatic, always, never };

/// Everything that holds for one run, defaults filled in.
struct Settings {
    bool ignore = false;
    std::vector<std::string> project_ids;  // one call for each; empty: the call names no project
    BuildIdTemplate ci_build_id = BuildIdTemplate::standard();
    std::vector<std::string> cancel_on{"cancelled", "timed_out", "stale", "startup_failure"};

    bool cancel_previous = true;  // rerun.cancel_previous
    Reset reset = Reset::automatic;

    bool superseded = false;  // superseded.enabled
    bool cancel_workflow = false;
    /// When a workflow that was asked to be cancelled and goes on is cancelled by force, which
    /// skips its always() steps; absent: never. GitHub gives those steps five minutes by itself
    /// (docs.github.com, "Workflow cancellation reference").
    std::optional<std::chrono::milliseconds> force_after{std::chrono::minutes(5)};
    std::vector<std::string> protect;  // branch globs, beside what is left alone by itself
    std::vector<std::string> include;  // branch globs of what is not to be left alone by itself

    bool sweep_orphans = false;
    std::chrono::milliseconds sweep_after{120'000};

    std::string machine_id = "${{ runner.name }}";  // rendered from workflow_job events
    std::vector<std::string> jobs;  // patterns (see machine_id.hpp) over job names; empty: all
};

/// One entry of `rules`: where it applies, and the settings that hold there.
struct PolicyRule {
    std::optional<std::string> repository;  // glob over owner/name, whose case does not count
    std::vector<std::string> workflow;      // globs over the workflow's name or path; empty: all
    std::vector<std::string> branch;        // globs over the head branch; empty: all
    Settings settings;
    int line = 0;  // in the policy file; 0 where there is none
};

struct Policy {
    std::vector<PolicyRule> rules;
    Settings defaults;
    std::string file;  // the policy file, as people call it; empty: there is none

    /// The settings of the first rule that fits; the defaults where none does. `rule` tells which
    /// it was (an index into `rules`).
    struct Match {
        const Settings* settings;
        std::optional<std::size_t> rule;
        /// A rule that would come first asks for the workflow's name, and that is not known.
        bool unclear = false;
    };
    Match match(std::string_view repository, std::string_view workflow_name,
                std::string_view workflow_path, std::string_view branch) const;
    Match match(const WorkflowRun& run) const;
    /// What matched, for people, to be kept with a decision: "rule 2 (policy.yml:14): repository
    /// octo/*, branch main or release/*", "the defaults (policy.yml)".
    std::string in_words(const Match& match) const;
};

}  // namespace runs_agent::decide
