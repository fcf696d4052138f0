// SPDX-License-Identifier: MIT
#include "doctor/hook_log.hpp"

#include "base/time_text.hpp"

#include <algorithm>

namespace runs_agent::doctor {

namespace {

/// "2026-11-27 12:00 UTC"
std::string when(Time time) {
    const std::string text = to_iso8601(time);
    return text.substr(0, 10) + " " + text.substr(11, 5) + " UTC";
}

/// Why a delivery failed, and the cure, by what our side answered.
struct Failure {
    std::string why;
    std::string cure;
};
Failure failure_of(int status) {
    if (status == 0)
        return {"GitHub did not reach the daemon, or waited for more than ten seconds",
                "DNS, firewall, certificate, proxy: run this from outside, with --url"};
    if (status == 401)
        return {"the secrets differ, or something on the way changes the body",
                "the same secret belongs into the webhook's settings and GITHUB_WEBHOOK_SECRET"};
    if (status == 403) return {"a proxy in front refuses GitHub", "let it pass GitHub's addresses"};
    if (status == 404)
        return {"the Payload URL's path leads elsewhere", "end it in /webhooks/github"};
    if (status == 413)
        return {"something in front bounds bodies: larger deliveries are lost",
                "raise its limit to GitHub's 25 MiB (nginx: client_max_body_size 25m; its default"
                " is 1 MB)"};
    if (status == 502 || status == 504)
        return {"the proxy does not reach the daemon", "is it running, and where does it listen?"};
    if (status == 503)
        return {"the delivery could not be stored, or the proxy has nobody to pass it on to",
                "see the database and the disk above"};
    return {"docs/github-setup.md, \"What the answers mean\", has it", "mend what it names"};
}

bool good(int status) {
    return status >= 200 && status < 300;
}

std::string status_in_words(const Logged& entry) {
    if (entry.status == 0) return entry.words.empty() ? "no answer" : entry.words;
    return std::to_string(entry.status);
}

/// May it be mended, where a ping comes through from here? A 401 may be of GitHub's secret, and a
/// 413 of a body that is longer than our pings, which these say nothing of. Whether GitHub itself
/// gets as far as the daemon, neither: there only some time makes it likely.
bool may_be_past(const Logged& failed, Time now) {
    if (failed.status == 401 || failed.status == 413) return false;
    return (failed.status != 0 && failed.status != 403) || now - failed.at > std::chrono::hours(1);
}

/// It failed, and the daemon has not caught up with it either.
bool is_lost(const Logged& entry) {
    return !good(entry.status) && entry.kept != Kept::yes;
}

Finding judge_newest_failed(const LogSeen& seen, const std::string& count, Time now) {
    const Logged& newest = seen.newest.front();
    const Failure failure = failure_of(newest.status);
    Finding found = wrong(Check::hook_log,
                          "the newest delivery failed: " + status_in_words(newest) + " (" + count +
                              " failed), at " + when(newest.at),
                          failure.why, failure.cure + "; then redeliver what failed", seen.name);
    found.past = may_be_past(newest, now);
    return found;
}

/// A restart is enough for that, so nobody is alarmed; but another secret does not go by itself.
Finding judge_caught_up(const LogSeen& seen) {
    const Logged& newest = seen.newest.front();
    const Failure failure = failure_of(newest.status);
    const std::string says = "the newest delivery failed: " + status_in_words(newest) + ", at " +
                             when(newest.at) + "; the daemon has caught up with it";
    if (newest.status == 401)
        return wrong(Check::hook_log, says, failure.why, failure.cure, seen.name);
    return warning(Check::hook_log, says, "nothing of it is lost; where more fail: " + failure.why,
                   failure.cure, seen.name);
}

// GitHub keeps a log for three days or so. Source: docs.github.com, "Viewing webhook deliveries".
constexpr std::chrono::hours surely_kept{48};
// Between a run and its delivery, and between two clocks; a queue in front takes its time, too.
constexpr std::chrono::minutes on_its_way{10};

/// Of those that GitHub says were taken, and that the store was asked for, the newest three. Not
/// what was redelivered, which may have been stored long ago, nor what is old or has just come.
std::vector<Logged> newest_taken(const LogSeen& seen, Time now) {
    constexpr std::size_t enough = 3;
    std::vector<Logged> found;
    for (const Logged& one : seen.newest)
        if (found.size() < enough && good(one.status) && !one.redelivery &&
            one.kept != Kept::unknown && now - one.at > on_its_way && now - one.at < surely_kept)
            found.push_back(one);
    return found;
}

/// What was taken and is not in the store; absent: nothing. One may have its reasons, as with a
/// database that was restored; where all are missing, another takes them.
std::optional<Finding> judge_astray(const LogSeen& seen, Time now) {
    const std::vector<Logged> taken = newest_taken(seen, now);
    const auto astray = std::ranges::find(taken, Kept::no, &Logged::kept);
    if (astray == taken.end()) return std::nullopt;
    const bool all = taken.size() > 2 && std::ranges::all_of(taken, [](const Logged& one) {
                         return one.kept == Kept::no;
                     });
    Finding found =
        wrong(Check::hook_log,
              all ? "none of the newest three deliveries that were taken, says GitHub, is in this"
                    " database, the last of " +
                        when(astray->at)
                  : "the delivery that was sent at " + when(astray->at) +
                        " was taken, says GitHub, and it is not in this database",
              "another daemon or program takes what this webhook sends, or the database was made"
              " or restored since",
              "see where its Payload URL leads, and where the proxy passes it on to: runs-agent"
              " doctor --url tries it; in the second case redeliver it",
              seen.name);
    if (!all) found.verdict = Verdict::warning;
    return found;
}

Finding judge_past_failures(const LogSeen& seen, const std::string& count) {
    const Logged& newest = *std::ranges::find_if(seen.newest, is_lost);
    const bool taken = good(seen.newest.front().status);
    return warning(Check::hook_log,
                   count + " deliveries failed, the last with " + status_in_words(newest) + " at " +
                       when(newest.at) + "; the newest was " + (taken ? "taken" : "caught up with"),
                   failure_of(newest.status).why,
                   "the daemon catches up with what it may read; else redeliver them from the"
                   " webhook's page",
                   seen.name);
}

/// Is anything decided by it, so that the daemon catches up with it? Or it says whether the webhook
/// works at all.
bool matters(const Logged& entry) {
    return entry.event == "workflow_run" || entry.event == "ping" ||
           (entry.event == "workflow_job" && entry.action == "completed");
}

/// Without those that failed a while ago and that nothing depends on: nobody catches up with them,
/// and what came of the others says whether it was for a moment.
LogSeen of_consequence(LogSeen seen, Time now) {
    const auto is_moot = [now](const Logged& one) {
        return is_lost(one) && !matters(one) && now - one.at > on_its_way;
    };
    if (!std::ranges::all_of(seen.newest, is_moot)) std::erase_if(seen.newest, is_moot);
    return seen;
}

Finding judge_entries(const LogSeen& seen, Time now) {
    const auto& log = seen.newest;
    if (log.empty())
        return warning(Check::hook_log, "GitHub has sent nothing in the last days",
                       "no workflow ran, or the webhook is not active",
                       "press Redeliver, or cancel a workflow run, and look again", seen.name);
    const auto lost = std::ranges::count_if(log, is_lost);
    const auto failed =
        std::ranges::count_if(log, [](const Logged& one) { return !good(one.status); });
    const std::string of = std::to_string(log.size());
    const std::string count = std::to_string(lost) + " of the newest " + of;
    if (is_lost(log.front())) return judge_newest_failed(seen, count, now);
    if (auto astray = judge_astray(seen, now)) return std::move(*astray);
    if (lost > 0) return judge_past_failures(seen, count);
    if (!good(log.front().status)) return judge_caught_up(seen);
    if (failed > 0)
        return ok(Check::hook_log,
                  "the newest delivery was taken; " + std::to_string(failed) + " of the newest " +
                      of + " failed, and the daemon has caught up with them",
                  seen.name);
    return ok(Check::hook_log,
              log.size() == 1 ? "its one delivery was taken"
                              : "the newest " + of + " deliveries were taken",
              seen.name);
}

/// Would the page hold what was sent of a run of that time?
bool reaches_back_to(const LogSeen& seen, Time run) {
    return seen.newest.empty() ? seen.whole : seen.newest.back().at < run;
}

Finding judge_silence(const LogSeen& seen, Time now) {
    const Time run = *seen.newest_run;
    if (now - run <= on_its_way)
        return ok(Check::silence, "the newest run of " + seen.repository + " has just begun",
                  seen.name);
    const auto told = std::ranges::find_if(
        seen.newest, [](const Logged& one) { return one.event.starts_with("workflow_"); });
    if (told != seen.newest.end() && told->at + on_its_way >= run)
        return ok(Check::silence, "GitHub has told of the newest run of " + seen.repository,
                  seen.name);
    if (now - run > surely_kept)
        return not_looked_at(Check::silence,
                             "the newest run of " + seen.repository + " began at " + when(run) +
                                 ", and GitHub keeps its log for some days only",
                             "look again after a workflow has run", seen.name);
    if (!reaches_back_to(seen, run))
        return not_looked_at(Check::silence,
                             "the newest deliveries do not reach back to the newest run of " +
                                 seen.repository + ", at " + when(run),
                             "choose fewer events, or look at the webhook's page", seen.name);
    return wrong(Check::silence,
                 "a workflow ran in " + seen.repository + " at " + when(run) +
                     ", since its last delivery, and GitHub sent nothing of it",
                 "its events are not chosen, it is switched off, or the repository is not among"
                 " those of the installation",
                 "see the webhook's events, and for an App the installation's repositories",
                 seen.name);
}

}  // namespace

Findings judge_log(const LogSeen& seen, Time now) {
    if (seen.fault)
        return {not_looked_at(Check::hook_log, "its log cannot be read: " + in_words(*seen.fault),
                              cure_of(*seen.fault,
                                      "the right to read webhooks is needed (docs/operations.md,"
                                      " \"Missed webhooks\")"),
                              seen.name)};
    Findings found{judge_entries(of_consequence(seen, now), now)};
    if (seen.newest_run) found.push_back(judge_silence(seen, now));
    return found;
}

void forgive_past(Findings& found) {
    const auto is_well = [&found](Check check) {
        return std::ranges::any_of(found, [check](const Finding& one) {
            return one.check == check && one.verdict == Verdict::ok;
        });
    };
    if (!is_well(Check::way) || !is_well(Check::address)) return;
    for (Finding& one : found) {
        if (!one.past || one.verdict != Verdict::wrong) continue;
        one.verdict = Verdict::warning;
        one.why += "; the way is well now, so it may be mended since";
        one.cure = "redeliver what failed, and look again";
    }
}

}  // namespace runs_agent::doctor
