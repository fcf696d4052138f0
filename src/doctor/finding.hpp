// SPDX-License-Identifier: MIT
// What is known of an installation, as a checklist: `runs-agent doctor` prints it, the page's
// Set-up screen shows it. Judging is pure: what was seen goes in, a finding comes out; who looks,
// and where, is agent/doctor's business.
#pragma once

#include "base/time.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace runs_agent::doctor {

enum class Verdict {
    ok,
    warning,        // it works, and somebody should look
    wrong,          // something is lost, or will be
    not_looked_at,  // it could not be seen from here, or was not asked for
};
/// "ok", "warning", "wrong", "not_looked_at".
std::string_view to_string(Verdict verdict);
/// As people want to read them.
inline constexpr std::array by_urgency{Verdict::wrong, Verdict::warning, Verdict::ok,
                                       Verdict::not_looked_at};

/// What is looked at, in this order. docs/doctor.md has each by its name.
enum class Check {
    settings,
    policy,
    rule,
    service,
    daemon,
    readiness,
    secret,
    address,
    certificate,
    way,
    signatures,
    github,
    permissions,
    installations,
    hook,
    hook_log,
    silence,
    api_key,
    projects,
    held_calls,
    database,
    disk,
    backlog,
    dead_letters,
    clock,
};
/// The name that programs know it by: "hook_log". Never changed.
std::string_view to_string(Check check);
/// What people call it: "GitHub's delivery log".
std::string_view title_of(Check check);

struct Finding {
    Check check = Check::settings;
    Verdict verdict = Verdict::ok;
    std::string says;   // what was seen, in one sentence
    std::string why;    // what follows from it; empty where nothing does
    std::string cure;   // what to do; empty where there is nothing to be done
    std::string of;     // which one, where there can be several: a webhook, a repository
    bool past = false;  // it is of the past, and a way that is well now says that it is mended
};

// Short ways to make one.
Finding ok(Check check, std::string says, std::string of = "");
Finding warning(Check check, std::string says, std::string why, std::string cure,
                std::string of = "");
Finding wrong(Check check, std::string says, std::string why, std::string cure,
              std::string of = "");
/// `cure` says how it could be looked at.
Finding not_looked_at(Check check, std::string says, std::string cure = "", std::string of = "");

using Findings = std::vector<Finding>;

struct Tally {
    int ok = 0;
    int warnings = 0;
    int wrong = 0;
    int not_looked_at = 0;
};
Tally tally_of(const Findings& findings);
/// "2 wrong, 1 warning, 12 ok, 3 not looked at"
std::string in_words(const Tally& tally);

/// What a daemon knows of itself, for the page and the HTTP API.
struct Report {
    Findings findings;
    Time at{};                  // when the services were asked
    bool still_asking = false;  // some of them have not answered yet
};

/// By the order of the checks; those of one check stay as they are.
void put_in_order(Findings& findings);

/// The one document of `doctor --json` and GET /api/setup (docs/doctor.md).
std::string to_json(const Findings& findings, Time at, std::string_view version,
                    bool still_asking = false);

/// The same as text for a terminal, what is wrong first; values are printable.
std::string to_text(const Findings& findings);

}  // namespace runs_agent::doctor
