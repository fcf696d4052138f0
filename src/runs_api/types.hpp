// SPDX-License-Identifier: MIT
// The Runs API's vocabulary (docs/runs-api.md): what requests carry and what answers hold. Answers
// are views into the text they were read from, see Document.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runs_agent::runs_api {

enum class CompletionState { in_progress, complete, canceled, timeout };
enum class RunStatus { running, failing, passed, failed };

/// "IN_PROGRESS", "COMPLETE", "CANCELED", "TIMEOUT".
std::string_view to_string(CompletionState state);
std::optional<CompletionState> parse_completion_state(std::string_view text);
/// "RUNNING", "FAILING", "PASSED", "FAILED".
std::string_view to_string(RunStatus status);
std::optional<RunStatus> parse_run_status(std::string_view text);

// ---- requests -----------------------------------------------------------------------------------

/// GET /runs/find. With a ciBuildId that run; else the most recent completed one that matches.
struct FindRun {
    std::string project_id;
    std::string ci_build_id;        // exact; empty: by branch and tags
    std::string branch;             // exact, or a prefix that ends in '*'; at most 250 characters
    std::vector<std::string> tags;  // all must match
    bool pw_last_run = false;
};

/// The documented patterns of FindRun's branch: [!-)+-~]+ for a whole name, and the same with one *
/// at its end for the beginning of one. Its length is another matter.
bool is_branch_filter(std::string_view branch);
constexpr std::size_t longest_branch = 250;

/// PUT /runs/cancel-ci/github. The service's documents say the attempt is an integer; the official
/// action sends a string. Both are known to be accepted somewhere.
enum class AttemptEncoding { integer, string };

struct CancelGithubCi {
    std::string github_run_id;
    std::int64_t github_run_attempt = 1;
    std::string project_id;   // empty: not sent
    std::string ci_build_id;  // empty: not sent
    AttemptEncoding encoding = AttemptEncoding::integer;
};

/// PUT /runs/{runId}/reset.
struct ResetRun {
    std::vector<std::string> machine_ids;  // 1 to 63
    std::optional<bool> is_batched_or_8n;  // isBatchedOr8n
};

/// GET /projects. How many come at once is the service's to say: not every one bears to be told.
struct ListProjects {
    std::string starting_after;  // a cursor; empty: from the first on
};

/// GET /projects/{projectId}/runs, newest first.
struct ListRuns {
    std::string project_id;
    int limit = 10;              // 1 to 100
    std::string starting_after;  // a cursor; at most one of the two
    std::string ending_before;
    std::vector<std::string> branches;
    std::vector<std::string> tags;
    std::vector<std::string> statuses;           // PASSED, …
    std::vector<std::string> completion_states;  // IN_PROGRESS, …
    std::string search;
};

// ---- answers ------------------------------------------------------------------------------------

struct Cancellation {
    std::string_view actor;
    std::string_view canceled_at;
    std::string_view reason;
};

struct SpecSummary {
    std::string_view spec;
    std::string_view group_id;
    std::string_view instance_id;
    std::string_view machine_id;    // empty: not claimed
    std::string_view claimed_at;    // empty: not claimed
    std::string_view completed_at;  // empty: not finished
    std::int64_t failures = 0;
    bool has_results = false;
};

struct Run {
    std::string_view run_id;
    std::string_view project_id;
    std::string_view created_at;
    std::string_view cursor;  // in lists: its place, for starting_after and ending_before
    std::optional<std::int64_t> duration_ms;
    std::vector<std::string_view> tags;
    std::optional<CompletionState> completion_state;  // absent: a value we do not know
    std::optional<RunStatus> status;
    std::optional<Cancellation> cancellation;
    std::string_view ci_build_id;
    std::string_view branch;
    std::string_view commit_sha;
    std::vector<SpecSummary> specs;
};

/// One answer's `data`, read where it lies: the text is parsed in place and never copied, and the
/// views in `run()` and `runs()` point into it. Movable; the views stay good.
class Document {
public:
    struct Content;  // the text and its parsed form

    explicit Document(std::unique_ptr<Content> content);
    Document(Document&&) noexcept;
    Document& operator=(Document&&) noexcept;
    ~Document();

    /// `data` as one run (get, find).
    Run run() const;
    /// `data` as a list of runs (list).
    std::vector<Run> runs() const;
    /// A text member of `data` ("runId"), empty where there is none.
    std::string_view text(std::string_view name) const;
    /// A member of `data` that is a count; absent where there is none, or it is another thing.
    std::optional<std::int64_t> count(std::string_view name) const;
    /// The ids of `data` as a list of projects.
    std::vector<std::string_view> project_ids() const;

    bool has_more() const;
    /// Where a list goes on, for starting_after: the cursor of its last item; empty: it has none.
    std::string_view last_cursor() const;

    /// `data` written again as JSON, indented for people where asked.
    std::string to_json(bool indented) const;
    /// One member of `data` as JSON; empty where there is none.
    std::string member_to_json(std::string_view name, bool indented) const;

private:
    std::unique_ptr<Content> content_;
};

}  // namespace runs_agent::runs_api
