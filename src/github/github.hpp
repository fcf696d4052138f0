// SPDX-License-Identifier: MIT
// What the agent asks of GitHub's REST API, as an interface: the client speaks HTTP, tests and
// simulations bring their own. Source: docs.github.com, "REST API endpoints" for workflow runs and
// for repository, organization and GitHub App webhooks, API version 2022-11-28.
#pragma once

#include "base/awaitable.hpp"
#include "base/error.hpp"
#include "base/time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace runs_agent::github {

/// One answer, whatever its status.
template <class Value>
struct Answer {
    int status = 0;              // HTTP
    std::string message;         // GitHub's words, where it refused
    std::optional<Value> value;  // where it did not, and the answer could be read
    /// A limit was hit (primary or secondary): not before this long from now.
    std::optional<std::chrono::milliseconds> retry_after;

    bool ok() const { return status >= 200 && status < 300; }
};

/// The value of answers that hold none.
struct NoValue {};

/// A workflow run, as far as the agent looks at it by itself.
struct WorkflowRun {
    std::int64_t id = 0;
    int attempt = 1;
    std::string status;      // queued, in_progress, completed, …
    std::string conclusion;  // empty where none is given
    Time created_at{};
    Time started_at{};  // of that attempt
    Time updated_at{};
    std::int64_t workflow_id = 0;
    /// Does it say what its workflow is called? Not where its name may be its title (`run-name`).
    bool names_workflow = true;
    std::string json;  // the whole object, compact: what `workflow_run` is in a payload
};

/// One that waits for approval is said to have completed, and has not ended.
inline bool has_ended(const WorkflowRun& run) {
    return run.status == "completed" && run.conclusion != "action_required";
}

/// What a workflow is, as `workflow` in a payload.
struct Workflow {
    std::int64_t id = 0;
    std::string name;
    std::string json;  // the object, reduced to what a payload needs of it
};

/// A page of a repository's workflow runs, the newest first.
struct WorkflowRuns {
    std::vector<WorkflowRun> runs;
    bool more = false;  // there is a next page
};

struct ListWorkflowRuns {
    std::string repository;             // owner/name
    std::optional<Time> created_since;  // `created`
    std::string status;                 // `status`; empty: all
    int page = 1;                       // of 100; GitHub ends a filtered search at 1,000 runs
    std::int64_t workflow_id = 0;       // of this workflow only; 0: of all
    std::optional<Time> created_until;  // `created`, up to and with that second
    std::string branch;                 // `branch`: the head branch, whosever; empty: all
    std::string event;                  // `event` that triggered it; empty: all
};

/// What a repository is, as `repository` in a payload.
struct Repository {
    std::string full_name;
    std::string default_branch;
    std::string json;  // the object, reduced to what a payload needs of it
};

/// Whose webhook it is; GitHub's X-GitHub-Hook-Installation-Target-Type names them "repository",
/// "organization" and "integration".
enum class HookTarget { repository, organization, app };

struct Hook {
    HookTarget kind = HookTarget::repository;
    std::string owner;  // owner/name, the organization's login, or nothing for an App
    std::string id;     // X-GitHub-Hook-ID; not needed for an App
};

/// One entry of a hook's delivery log. Redeliveries are entries of their own, with the same guid.
struct LoggedDelivery {
    std::int64_t id = 0;
    std::string guid;
    std::string event;
    std::string action;
    Time delivered_at{};
    int status_code = 0;      // what our side answered; 0: nothing
    bool redelivery = false;  // sent once more, of which there is an older entry
};

struct DeliveryLog {
    std::vector<LoggedDelivery> deliveries;  // the newest first
    std::string next_cursor;                 // empty: this was the last page
};

/// A delivery as it was sent, taken from the log.
struct LoggedPayload {
    std::string guid;
    std::string event;
    std::string payload;  // JSON
    /// The body that it was answered with, as GitHub kept it; empty where it did not.
    std::string answer;
};

/// Errors: network, tls, timeout, too_large (no answer came, or not GitHub's), refused (there are
/// no credentials that could be sent), bad_input (a name or an answer that breaks its rule). All on
/// the client's executor. What GitHub refused to a GitHub App that asked for its token first is
/// answered like a refusal of the request itself where a later try may go better.
class GitHub {
public:
    virtual ~GitHub() = default;

    /// How deliveries name this GitHub: "github.com", or the host of an Enterprise Server.
    virtual const std::string& host() const = 0;

    /// Names what requests for a repository (OWNER/NAME), an organization (its login) or an App
    /// (nothing) are counted on. One limit, or one token that is refused, is for all of the same.
    virtual std::string budget_of(const std::string& /*owner*/) const { return {}; }

    /// POST …/actions/runs/{id}/cancel: 202, or 409 where it cannot be cancelled (any more).
    virtual Awaitable<Result<Answer<NoValue>>> cancel_workflow_run(std::string repository,
                                                                   std::int64_t run_id) = 0;
    /// POST …/actions/runs/{id}/force-cancel: also where the run does not answer to the former.
    virtual Awaitable<Result<Answer<NoValue>>> force_cancel_workflow_run(std::string repository,
                                                                         std::int64_t run_id) = 0;

    virtual Awaitable<Result<Answer<WorkflowRun>>> get_workflow_run(std::string repository,
                                                                    std::int64_t run_id) = 0;
    /// The run as it was in an attempt of it, the newest or an older one.
    virtual Awaitable<Result<Answer<WorkflowRun>>> get_workflow_run_attempt(std::string repository,
                                                                            std::int64_t run_id,
                                                                            int attempt) = 0;
    virtual Awaitable<Result<Answer<WorkflowRuns>>> list_workflow_runs(ListWorkflowRuns query) = 0;
    virtual Awaitable<Result<Answer<Repository>>> get_repository(std::string repository) = 0;
    virtual Awaitable<Result<Answer<Workflow>>> get_workflow(std::string repository,
                                                             std::int64_t workflow_id) = 0;

    /// A page of 100 of the hook's delivery log; `cursor` from the page before, empty for the
    /// first.
    virtual Awaitable<Result<Answer<DeliveryLog>>> list_deliveries(Hook hook,
                                                                   std::string cursor) = 0;
    virtual Awaitable<Result<Answer<LoggedPayload>>> get_delivery(Hook hook,
                                                                  std::int64_t delivery_id) = 0;
};

}  // namespace runs_agent::github
