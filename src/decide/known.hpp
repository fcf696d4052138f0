// What is known of earlier runs when an event is decided. The store loads it from its tables,
// `explain` keeps it in memory (History); the rules see only this.
#pragma once

#include "decide/facts.hpp"
#include "decide/plan.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace runs_agent::decide {

/// One attempt of a run, as far as events told. A late event never takes anything back: `completed`
/// stays, and so does the first conclusion.
struct KnownAttempt {
    int attempt = 1;
    bool completed = false;
    std::string conclusion;
    Time started_at{};  // as its first event said; 0: it did not

    bool operator==(const KnownAttempt&) const = default;
};

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
    std::string key;
    bool only_if_in_progress = false;
    Operation operation = Operation::cancel_ci;
    int attempt = 1;
    bool withdrawn = false;  // must not be done any more, nor again

    bool operator==(const KnownCall&) const = default;
};

struct Known {
    std::vector<KnownAttempt> attempts;  // of the event's own run, before this event
    /// Of the other runs of its group: those whose newest known attempt has not completed, and the
    /// one of another commit with the highest run number, whatever its state. In the order of their
    /// run numbers.
    std::vector<KnownRun> group;
    std::vector<KnownCall> calls;  // planned before for the event's own run and those of the group
    std::optional<WorkflowRun> last;  // only for a job: what the last event of its run said

    bool operator==(const Known&) const = default;
};

/// Which runs may supersede each other: host, repository, workflow id, head repository, head branch
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
    };
    struct Entry {
        std::map<int, Attempt> attempts;
        std::map<std::string, KnownCall> calls;
        WorkflowRun last;
    };
    void add_calls(const RunKey& run, Known& known) const;

    std::map<RunKey, Entry> runs_;
};

/// Folds one event into what is known of its attempt, as KnownAttempt says.
void absorb(KnownAttempt& known, const WorkflowRun& run);

}  // namespace runs_agent::decide
