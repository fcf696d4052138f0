// SPDX-License-Identifier: MIT
// What is seen on this machine: what the program is told, its service, and the daemon on its own
// listener.
#pragma once

#include "doctor/finding.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace runs_agent::doctor {

struct SettingsSeen {
    std::vector<std::string> mistakes;  // but for the policy's
    /// Files that the service may not read, and what mends it.
    std::vector<std::pair<std::string, std::string>> withheld;
    bool service_runs = false;  // all the same
    bool secret_given = false;
    bool key_given = false;
    bool key_needed = true;       // false: calls go to the embedded Runs API, with a key of its own
    bool needed_perhaps = false;  // as there is a database of that API, and no daemon to ask
    /// Why a secret that is not given here may be given to the daemon; empty: it is not.
    std::string hidden;
};
Findings judge_settings(const SettingsSeen& seen);

struct PolicySeen {
    std::string file;  // empty: there is none
    std::size_t rules = 0;
    std::vector<std::string> mistakes;
    bool reload_failed = false;  // of a running daemon: the file was read anew, and was wrong
};
Finding judge_policy(const PolicySeen& seen);

struct RuleSeen {
    std::string repository;
    std::string rule;               // "rule 2 (policy.yml:12)"
    std::vector<std::string> does;  // in words
    bool ignored = false;
};
Finding judge_rule(const RuleSeen& seen);

struct ServiceSeen {
    std::string unit;     // its file; empty: there is none
    bool systemd = true;  // is it what runs this machine?
    int processes = 0;    // of the unit
};
Finding judge_service(const ServiceSeen& seen);

/// What a request was answered; without a status there was no answer.
struct Answered {
    int status = 0;
    std::string type;   // the media type
    std::string body;   // its beginning
    std::string error;  // where there was no answer: what, and how to mend it
    std::string place;  // Location, of a redirect
};
/// A member of an answer that is a JSON object; empty: it is none, or has none.
std::string member_of(const Answered& answer, std::string_view name);

struct DaemonSeen {
    std::string address;  // ADDRESS:PORT; empty: it is not known which
    Answered alive;       // of GET /healthz
    std::string version;  // of this program
    /// Does a process hold the database's lock? Absent: it cannot be told.
    std::optional<bool> locked;
    std::string unit;        // as in ServiceSeen
    std::string database;    // these settings'; empty: none is there
    bool elsewhere = false;  // nothing of an installation is on this machine
    bool tls = false;        // these settings have a certificate for its listener
    bool other_way = false;  // our daemon answered, but by TLS where they have none, or the reverse
    bool hidden = false;     // what the unit gives is root's, and this command is not
};
/// One, or all that somebody should know of a daemon that answers.
Findings judge_daemon(const DaemonSeen& seen);
/// Is it our daemon that answers there?
bool is_daemon(const Answered& alive);
/// Where the daemon that answers sends its calls: "runs_api", "embedded", "nowhere" (a dry run);
/// empty: it does not say.
std::string calls_of(const Answered& alive);

/// `ready`: of GET /readyz.
Finding judge_readiness(const Answered& ready);
/// What it says of its store; empty: that it can be written, or nothing.
std::string store_fault_of(const Answered& ready);

/// Does the running daemon take what is signed with the secret that this command reads?
/// `signed_one` is what the probe was answered at its own listener, signed with the `which`-th
/// secret of `of`: those before it are taken.
struct SecretSeen {
    std::size_t of = 0;  // 0: this command has none
    std::size_t which = 1;
    Answered signed_one;
};
Finding judge_secret(const SecretSeen& seen);

}  // namespace runs_agent::doctor
