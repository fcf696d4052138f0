// SPDX-License-Identifier: MIT
// What is known of earlier runs when an event is decided. The store loads it from its tables,
// `explain` keeps it in memory (History); the rules see only this.
#pragma once

#include "decide/attempt.hpp"
#include "decide/facts.hpp"
#include "decide/plan.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace runs_agent::decide {

/// Another run of the same group (see group_of), with its newest attempt.
struct KnownRun {
    RunKey key;
    std::int64_t run_number = 0;
    std::string head_sha;
    Time created_at{};
    KnownAttempt newest;

    bool operator==(const KnownRun&) const = default;
};

struct KnownCall {
    std::string key;  // as PlannedCall has it
    bool only_if_in_progress = false;
    Operation operation = Operation::cancel_ci;
    RunKey run;
    int attempt = 1;
    std::string project_id;
    Time as_of{};            // as PlannedCall has it
    bool withdrawn = false;  // must not be done any more, nor again

    bool operator==(const KnownCall&) const = default;
};

/// Takes that call back.
Withdrawal withdrawal_of(const KnownCall& call, std::string reason);

struct Known {
    std::vector<KnownAttempt> attempts;  // of the event's own run, before this event
    /// Of the other runs of its group, where `looks_at_group` says that they are wanted: those with
    /// a lower run number that go on as far as is known and that nobody has superseded yet, in the
    /// order of their numbers; and of those with a higher number and another commit the highest.
    std::vector<KnownRun> older;
    std::optional<KnownRun> newer;
    std::vector<KnownCall> calls;     // planned before for the event's own run and the older ones
    std::optional<WorkflowRun> last;  // only for a job: what the last event of its run said
    /// A person wants it decided anew: it counts as the first that is heard of its attempt.
    bool replayed = false;

    bool operator==(const Known&) const = default;
};

/// Which runs may supersede each other: host, repository, workflow, head repository, head branch
/// and event. The head repository is part of it, as two forks may both have a `main`.
std::string group_of(const WorkflowRun& run);

/// What is known, kept in memory: for `explain` and for tests. It answers as the store does.
class History {
public:
    Known known_of(const WorkflowRun& run) const;
    void record(const WorkflowRun& run, const Decision& decision);

    Known known_of(const WorkflowJob& job) const;
    /// Records a decision that followed from something else than an event of a run.
    void record(const Decision& decision);

private:
    struct Attempt {
        KnownAttempt known;
        std::string group;  // as its first event said, and so is the rest
        std::int64_t run_number = 0;
        std::string head_sha;
        Time created_at{};
        bool superseded = false;  // in its newest life
    };
    struct Entry {
        std::map<int, Attempt> attempts;
        std::map<std::string, KnownCall> calls;
        WorkflowRun last;
    };
    void add_calls(const RunKey& run, Known& known) const;
    void add_group(const WorkflowRun& run, Known& known) const;

    std::map<RunKey, Entry> runs_;
};

}  // namespace runs_agent::decide
