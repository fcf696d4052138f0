// SPDX-License-Identifier: MIT
// GitHub's log of what a webhook sent, and whether the webhook is silent. Source: docs.github.com,
// "Viewing webhook deliveries" and "Handling failed webhook deliveries".
#pragma once

#include "base/time.hpp"
#include "doctor/finding.hpp"
#include "doctor/github_side.hpp"

#include <optional>
#include <string>
#include <vector>

namespace runs_agent::doctor {

/// Does the store have it, by its GUID: at once, or caught up with later?
enum class Kept { unknown, yes, no };

struct Logged {
    Time at{};
    int status = 0;  // 0: no answer
    std::string event;
    std::string words;  // GitHub's: "failed to connect to host"
    Kept kept = Kept::unknown;
    bool redelivery = false;
    std::string action = {};  // "completed"
};

struct LogSeen {
    std::string name;
    std::optional<NotGot> fault;
    std::vector<Logged> newest;  // the newest first; a page of them
    bool whole = true;           // there is no older page
    /// When a workflow run began that the webhook should have told of; absent: none is known.
    std::optional<Time> newest_run;
    std::string repository;  // of that run
};
Findings judge_log(const LogSeen& seen, Time now);

/// What failed and may be mended since is a warning where the way is well from here.
void forgive_past(Findings& found);

}  // namespace runs_agent::doctor
