// SPDX-License-Identifier: MIT
// What a step was asked to do: its inputs and the job's environment, checked before anything is
// sent.
#pragma once

#include "agent/action/asked/build_id.hpp"
#include "agent/action/asked/inputs.hpp"

#include <optional>
#include <string>
#include <vector>

namespace runs_agent::agent::action {

enum class Command { cancel, reset, find, supersede };

/// How a cancellation names the run, and with which key.
enum class CancelBy {
    run_id,      // API key: PUT /runs/{runId}/cancel
    github_run,  // API key: PUT /runs/cancel-ci/github
    record_key,  // record key: POST /v1/runs/cancel
};

struct Request {
    Command command = Command::cancel;
    CancelBy cancel_by = CancelBy::github_run;
    std::string api_url;       // with /v1
    std::string director_url;  // with /v1; where record keys are known
    std::string api_key;
    std::string record_key;
    std::string run_id;
    std::string project_id;  // the one to ask; empty: none is named, or there are several
    std::vector<std::string> project_ids;  // all that were given
    std::string ci_build_id;  // github_run: narrows; supersede: as it was given; else: looked for
    std::optional<Error> bad_build_id;  // what is wrong with the one that was given to cancel
    bool guessed_build_id = false;      // it is the default template's: nobody gave one
    Attempt attempt;
    std::vector<std::string> machine_ids;  // reset; empty: those that need it
    std::string branch;                    // find
    std::vector<std::string> tags;
    bool pw_last_run = true;
    std::string output;            // a file for what Playwright keeps in .last-run.json
    bool searches_before = false;  // find: what earlier attempts left, which the first has none of

    std::string github_api_url;  // supersede, and reset where a token is given
    std::string github_token;
    std::string repository;            // owner/name
    std::string workflow;              // supersede: its name; a run's own may be its title
    std::int64_t github_run_id = 0;    // the attempt's, as a number
    bool cancel_workflow = false;      // supersede
    std::vector<std::string> include;  // supersede: branch globs of what is left alone by itself
    std::string supersedes_nothing;  // supersede: why, where the job's own event says that already
};

/// Input, then environment, then default. Errc::bad_input says what is missing or wrong, and how to
/// mend it.
Result<Request> read_request(const Inputs& inputs);

/// Where `command: find` leaves what Playwright keeps in .last-run.json; empty for the others.
std::string last_run_file(const Inputs& inputs);

/// Is there nothing to be asked for, so that no key, project or address is needed? The first
/// attempt of a run has none before it to look for, and a run by a schedule supersedes none.
bool asks_nothing(const Request& request);

}  // namespace runs_agent::agent::action
