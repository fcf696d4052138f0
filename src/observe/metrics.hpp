// SPDX-License-Identifier: MIT
// All that the daemon counts, in one place: every name and every label value is here and in
// metrics.cpp. docs/metrics.md tells people what they mean. What can be asked for when /metrics is
// (how many connections are open, what waits in the store) is not kept here.
#pragma once

#include "base/time.hpp"
#include "observe/metric_families.hpp"

#include <string>
#include <string_view>

namespace runs_agent {

/// Counted on the daemon's one thread, but for what says otherwise.
struct Metrics {
    Metrics();

    // ---- in -------------------------------------------------------------------------------------
    enum class Event { workflow_run, workflow_job, ping, other, unverified };
    /// What a request to the webhook was answered: an outcome and its code.
    enum class Answer {
        accepted,
        ignored,
        duplicate,
        pong,
        not_stored,
        malformed,
        no_signature,
        wrong_signature,
        method,
        too_slow,
        too_large,
        media_type,
        head_too_large,
        busy,
        other,
    };
    enum class Cut { place, last_resort, memory };
    enum class Source { webhook, catch_up };

    static Event event_of(std::string_view name);
    /// Of a refusal by its status; 401 is that of a signature that does not match.
    static Answer refusal_of(int status);

    Counters webhook_requests;  // Event, Answer
    Histogram webhook_request_duration;
    Histogram webhook_request_body;
    Counters connections_cut;  // Cut
    Counters handshakes_failed;
    Histogram event_age;          // Source
    Time last_delivery{};         // the newest one that was verified
    Time last_wrong_signature{};  // of a refusal; not of what is not signed at all

    // ---- decide ---------------------------------------------------------------------------------
    enum class Effect { planned, withdrawn, nothing };
    Counters decisions;  // decide::Rule, Effect
    Histogram decision_lag;

    // ---- out ------------------------------------------------------------------------------------
    enum class Ended { succeeded, dead };
    /// Of requests to others: who is asked, and for what.
    enum class Request {
        cancel_ci,
        cancel_run,
        reset_run,
        find_run,
        get_run,
        list_runs,
        other_of_runs_api,
        cancel_workflow,
        force_cancel_workflow,
        get_workflow_run,
        list_workflow_runs,
        get_workflow,
        get_repository,
        list_deliveries,
        get_delivery,
        authorize,
        other_of_github,
    };
    enum class Service { runs_api, github };
    enum class Code {
        ok,
        moved,
        unauthorized,
        forbidden,
        not_found,
        limited,
        refused,
        failed,
        none
    };
    /// Of an HTTP status; 0: no answer came.
    static Code code_of(int status);

    Counters calls_finished;  // decide::Operation, Ended
    Histogram end_to_end;     // decide::Operation
    Counters http_requests;   // Request, Code
    Histogram http_duration;  // Service

    // ---- ground ---------------------------------------------------------------------------------
    enum class Round { whole, cut_short, failed };
    Counters catch_up_rounds;  // Round
    Counters catch_up_deliveries;
    Counters catch_up_lost;
    enum class By { page, api, command_line };
    Counters replays;           // By
    Histogram commit_duration;  // by the threads that write to the database
    Histogram commit_jobs;      // the same
    bool reload_succeeded = true;
    Time last_reload{};      // the last that succeeded
    Time certificate_end{};  // of the listeners' own; the epoch: they speak plain HTTP
    /// Of the budget of GitHub's API that has the smallest part left.
    double github_limit = 0;
    double github_remaining = 0;
    Time github_reset{};

    /// All of them, in Prometheus' text format.
    std::string text() const;
};

/// Seconds, as Prometheus has times and durations.
inline double in_seconds(Time time) {
    return static_cast<double>(time.time_since_epoch().count()) / 1000.0;
}
template <class Rep, class Period>
double in_seconds(std::chrono::duration<Rep, Period> duration) {
    return std::chrono::duration<double>(duration).count();
}

}  // namespace runs_agent
