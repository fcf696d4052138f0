// SPDX-License-Identifier: MIT
#include "doctor/keeping.hpp"

#include "base/time_text.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace runs_agent::doctor {

namespace {

constexpr std::uint64_t mebibyte = 1024ULL * 1024;
constexpr std::int64_t many_undecided = 1'000;  // as the alert RunsAgentBacklog has it
constexpr std::chrono::hours long_pending{1};

std::string ago(Time then, Time now) {
    // To the second: more would be noise.
    const auto span = std::chrono::floor<std::chrono::seconds>(
        std::max(now - then, std::chrono::milliseconds(0)));
    return span < std::chrono::seconds(2) ? "just now" : to_words(span) + " ago";
}

std::string counted(std::int64_t count, const char* one, const char* many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

Finding judge_waiting(const BacklogSeen& seen, Time now) {
    const bool stuck = seen.oldest_pending && now - *seen.oldest_pending > long_pending;
    const std::string says = counted(seen.undecided, "delivery waits", "deliveries wait") +
                             " for a decision, " + counted(seen.pending, "call", "calls") +
                             (seen.pending == 1 ? " is pending" : " are pending");
    if (!seen.daemon_runs && seen.undecided + seen.pending > 0)
        return warning(Check::backlog, says, "no daemon was seen that does them",
                       "start it; it takes them up");
    if (seen.undecided > many_undecided)
        return wrong(Check::backlog, says, "deciding does not keep up",
                     "see decisions.failed in the log, and the disk");
    if (stuck)
        return warning(Check::backlog,
                       says + ", the oldest since " + ago(*seen.oldest_pending, now),
                       "the Runs API or GitHub answers \"later\", or not at all",
                       "runs-agent deliveries list --filter state:open, then deliveries show ID");
    return ok(Check::backlog, says);
}

/// What mends a database that cannot be opened or written, by what SQLite, libpq or the server say.
struct Trouble {
    std::string_view words;
    const char* cure;
};
constexpr std::array troubles{
    Trouble{"belongs to root",
            "stop the daemon, and give what is there to the folder's owner: sudo chown"
            " --reference=FOLDER FOLDER/runs-agent.db*"},
    Trouble{"is locked",
            "another program holds it: fuser -v names those that have the file open;"
            " end a sqlite3 shell or a copy that was left there"},
    Trouble{"malformed",
            "it is damaged: stop the daemon, keep the file, and restore a backup"
            " (docs/operations.md)"},
    Trouble{"not a database",
            "it is damaged, or another file: see that RUNS_AGENT_DATABASE names"
            " the right one; else restore a backup (docs/operations.md)"},
    Trouble{"disk I/O error", "its disk fails: see dmesg, and restore a backup on another one"},
    Trouble{"is full", "make room on its disk"},
    Trouble{"onnection refused",
            "no server listens there: start PostgreSQL, or mend host and port"
            " of RUNS_AGENT_DATABASE"},
    Trouble{"translate host name", "mend the host of RUNS_AGENT_DATABASE, or DNS"},
    Trouble{"timeout",
            "the server does not answer: see whether it runs, what holds its locks, and"
            " the firewall between"},
    Trouble{"did not answer",
            "the server does not answer: see whether it runs, what holds its"
            " locks, and the firewall between"},
    Trouble{"authentication failed", "mend user and password of RUNS_AGENT_DATABASE"},
    Trouble{"pg_hba.conf", "let the server take this machine and user: its pg_hba.conf"},
    Trouble{"does not exist",
            "make the database or the role that RUNS_AGENT_DATABASE names"
            " (docs/scaling.md), or mend the name"},
    Trouble{"permission denied",
            "give the role of RUNS_AGENT_DATABASE its rights"
            " (docs/scaling.md)"},
    Trouble{"could not connect",
            "start PostgreSQL, or mend RUNS_AGENT_DATABASE: its host and port,"
            " or the folder of its socket"},
};

const char* cure_of(const std::string& fault) {
    for (const Trouble& one : troubles)
        if (fault.find(one.words) != std::string::npos) return one.cure;
    return "see that its folder is there, belongs to the daemon's user and is mounted writable,"
           " and that there is room";
}

}  // namespace

Finding judge_signatures(const SignaturesSeen& seen, Time now) {
    std::string refusals;
    if (seen.refused.value_or(0) > 0)
        refusals = counted(*seen.refused, "signature", "signatures") +
                   " fitted no secret since the daemon's start" +
                   (seen.last_refused ? ", the last " + ago(*seen.last_refused, now) : "");
    const char* const same =
        "put the same secret into the webhook's settings and into"
        " GITHUB_WEBHOOK_SECRET (its file), restart, and redeliver what was"
        " refused";
    if (!seen.last_good) {
        if (!refusals.empty())
            return wrong(Check::signatures, "no delivery was ever verified; " + refusals,
                         "the secret on GitHub differs from the daemon's, or something on the way"
                         " changes the body",
                         same);
        return warning(Check::signatures, "no delivery was ever verified",
                       "the webhook is not set up yet, or its deliveries do not arrive",
                       "see Recent Deliveries on the webhook's page; docs/github-setup.md");
    }
    std::string says = "the last delivery whose signature fitted came " + ago(*seen.last_good, now);
    if (seen.last_ping) says += ", the last ping " + ago(*seen.last_ping, now);
    if (refusals.empty()) return ok(Check::signatures, says);
    says += "; " + refusals;
    if (seen.last_refused > seen.last_good && seen.github_refused > seen.last_good)
        return wrong(Check::signatures, says,
                     "since then none fitted, and GitHub's log has refused ones (401): a secret was"
                     " changed on one side",
                     same);
    const bool newest = seen.last_refused > seen.last_good;
    if (seen.last_refused && now - *seen.last_refused < std::chrono::hours(24))
        return warning(Check::signatures, says,
                       newest
                           ? "since then none fitted: the webhook's secret was changed on GitHub,"
                             " somebody tries, or a second webhook has another secret"
                           : "somebody tries, or a second webhook has another secret",
                       "delivery.refused in the daemon's log has the peers. Where they are GitHub's"
                       " (Recent Deliveries shows 401), name both secrets, comma-separated; change"
                       " none for a stranger's sake");
    return ok(Check::signatures, says);
}

Finding judge_database(const DatabaseSeen& seen) {
    if (seen.root_needed)
        return not_looked_at(Check::database, seen.path + " is its owner's alone",
                             "run this as that user, or as root");
    if (seen.behind)
        return warning(Check::database, seen.path + ": " + seen.fault,
                       "nothing in it was looked at",
                       "start the daemon, which brings it up to date");
    const std::string& fault = seen.fault.empty() && seen.user_made_up ? seen.roots : seen.fault;
    if (!fault.empty())
        return wrong(Check::database, seen.path + ": " + fault,
                     "each delivery is answered 503, and GitHub does not send it again by itself",
                     cure_of(fault));
    if (!seen.there)
        return not_looked_at(Check::database, "there is none at " + seen.path + " yet",
                             "the daemon makes it at its first start; another one is named with"
                             " --database or RUNS_AGENT_DATABASE");
    if (seen.log_left)
        return not_looked_at(Check::database,
                             "what was written to " + seen.path +
                                 " last lies beside it (-wal), and cannot be read without a change",
                             "start the daemon, which takes it in");
    if (seen.newest > 0 && seen.version > seen.newest)
        return wrong(Check::database,
                     seen.path + " is of a newer version of this program (schema " +
                         std::to_string(seen.version) + ", known " + std::to_string(seen.newest) +
                         ")",
                     "this version does not open it", "use the newer program, or restore a backup");
    if (seen.newest > 0 && seen.version < seen.newest)
        return warning(
            Check::database,
            seen.path + " is of an older version (schema " + std::to_string(seen.version) + " of " +
                std::to_string(seen.newest) + ")",
            "this program's daemon has not run on it yet, so nothing in it was looked at",
            "start the daemon (again, where an older one runs), which brings it up to date");
    if (!seen.roots.empty())
        return warning(Check::database, seen.path + ": " + seen.roots,
                       "if its daemon does not run as root it does not open it, and answers each"
                       " delivery 503",
                       cure_of(seen.roots));
    const std::string version = seen.version > 0 ? ", schema " + std::to_string(seen.version) : "";
    return ok(Check::database,
              seen.path + version + (seen.written ? ", was written just now" : ", may be written"));
}

Finding judge_disk(const DiskSeen& seen) {
    const std::string room =
        std::to_string(seen.free_bytes / mebibyte) + " MiB are free in " + seen.folder;
    const char* const cure =
        "make room, or see RUNS_AGENT_KEEP_BODIES and"
        " RUNS_AGENT_KEEP_DELIVERIES; docs/alerts.md, RunsAgentDiskLow";
    if (seen.no_inodes)
        return wrong(Check::disk, "no file can be made any more in " + seen.folder + " (df -i)",
                     "the database cannot be written", cure);
    if (seen.free_bytes < 16 * mebibyte)
        return wrong(Check::disk, room, "deliveries are refused (503), or soon will be", cure);
    if (seen.free_bytes < 256 * mebibyte)
        return warning(Check::disk, room, "when it is full, deliveries are refused (503)", cure);
    return ok(Check::disk, room);
}

Findings judge_backlog(const BacklogSeen& seen, Time now) {
    Findings found;
    if (seen.held > 0)
        found.push_back(wrong(Check::held_calls,
                              counted(seen.held, "call waits", "calls wait") +
                                  " for a working API key: " + seen.held_because,
                              "cancelled runs stay in progress meanwhile",
                              "put a read & write key of the right organization into the file of"
                              " CURRENTS_API_KEY_FILE (under systemd: restart); they go on by"
                              " themselves within ten minutes. A project that is gone: runs-agent"
                              " deliveries drop ID"));
    else
        found.push_back(ok(Check::held_calls, "no call waits for a working API key"));
    found.push_back(judge_waiting(seen, now));
    if (seen.dead > 0)
        found.push_back(wrong(Check::dead_letters,
                              counted(seen.dead, "call was given up", "calls were given up"),
                              "their runs stay as they are",
                              "runs-agent deliveries list --dead, then deliveries show ID for why;"
                              " once that is mended deliveries replay ID, or deliveries drop ID"));
    else
        found.push_back(ok(Check::dead_letters, "there are none"));
    return found;
}

Finding judge_clock(const std::vector<ClockSeen>& seen, bool signs_as_app) {
    if (seen.empty())
        return not_looked_at(Check::clock, "nobody answered whose clock it could be held against");
    const ClockSeen& worst = *std::ranges::max_element(
        seen, {}, [](const ClockSeen& one) { return std::chrono::abs(one.ahead); });
    const auto off = std::chrono::abs(worst.ahead);
    std::string whose;
    for (const ClockSeen& one : seen) whose += (whose.empty() ? "" : " and ") + one.whose;
    // An answer's Date has whole seconds, and the way takes its time.
    if (off < std::chrono::seconds(10)) return ok(Check::clock, "it agrees with that of " + whose);
    const std::string says =
        "this machine's clock is " + to_words(std::chrono::floor<std::chrono::seconds>(off)) +
        (worst.ahead.count() > 0 ? " ahead of " : " behind ") + worst.whose + "'s";
    const char* const cure = "set it by NTP: timedatectl set-ntp true, or chrony";
    if (off >= std::chrono::seconds(60))
        return wrong(Check::clock, says,
                     std::string("times of runs are compared with it") +
                         (signs_as_app ? ", and GitHub refuses what the App signs" : ""),
                     cure);
    return warning(Check::clock, says, "it drifts", cure);
}

}  // namespace runs_agent::doctor
