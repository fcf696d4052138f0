// SPDX-License-Identifier: MIT
// What the daemon keeps and counts: signatures that fitted, the database and its disk, what waits
// and what was given up; and the clock.
#pragma once

#include "base/time.hpp"
#include "doctor/finding.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace runs_agent::doctor {

struct SignaturesSeen {
    std::optional<Time> last_good;        // the newest delivery that was verified
    std::optional<Time> last_ping;        // GitHub's, of those that are kept
    std::optional<std::int64_t> refused;  // since the daemon's start; absent: not known
    std::optional<Time> last_refused;
    std::optional<Time> github_refused;  // the newest of GitHub's logs that was answered 401
};
Finding judge_signatures(const SignaturesSeen& seen, Time now);

struct DatabaseSeen {
    std::string path;  // or "PostgreSQL"
    bool there = true;
    std::string fault;          // it cannot be opened, or not be written, and why
    std::string roots;          // a file of it is root's, though its folder is another's
    bool user_made_up = false;  // by systemd: its daemon is not root
    bool behind = false;        // `fault` is that its daemon has yet to bring it up to date
    bool root_needed = false;   // it is its owner's alone
    bool log_left = false;      // what was written last is in its log alone, which was left behind
    std::int64_t version = 0;   // of its schema; 0: not known
    std::int64_t newest = 0;    // that this program knows; 0: not known
    bool written = false;       // it was written just now; else only seen that it may be
};
Finding judge_database(const DatabaseSeen& seen);

struct DiskSeen {
    std::string folder;
    std::uint64_t free_bytes = 0;
    bool no_inodes = false;
};
Finding judge_disk(const DiskSeen& seen);

struct BacklogSeen {
    std::int64_t undecided = 0;
    std::int64_t pending = 0;
    std::int64_t held = 0;
    std::int64_t dead = 0;
    std::string held_because;
    std::optional<Time> oldest_pending;
    bool daemon_runs = true;
};
/// Of what waits, what is held and what was given up.
Findings judge_backlog(const BacklogSeen& seen, Time now);

/// One service whose answers carry the time.
struct ClockSeen {
    std::string whose;                   // "GitHub", "the Runs API"
    std::chrono::milliseconds ahead{0};  // this machine's clock; below 0: behind
};
Finding judge_clock(const std::vector<ClockSeen>& seen, bool signs_as_app);

}  // namespace runs_agent::doctor
