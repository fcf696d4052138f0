// SPDX-License-Identifier: MIT
// What both backends hold to and say: whose turn a call is, how long it was tried, what people
// read.
#pragma once

#include "decide/plan.hpp"
#include "store/store.hpp"

#include <chrono>
#include <exception>
#include <string>

namespace runs_agent::store {

/// Whose turn it is. A call waits for the earlier ones (smaller id) of its workflow run and project
/// that are still to be done (pending, or held until the key is mended): what was decided first is
/// done first. It does not wait for
/// - what the other side is asked: GitHub and the Runs API do not wait for each other;
/// - one that waits for its run to be recorded (it was answered 404, and its next try is still to
///   come), as there may never be such a run;
/// - one that is planned for later, and was not tried yet;
/// the last two only while nobody is at them (leased). Fits `calls c`; ?1 is now.
/// `e.state || ''`: so that the earlier ones are looked up by their run, in the index of all calls.
/// In that of the open ones PostgreSQL would read them all, once for each call, where it was last
/// told that there are hardly any, as it is after every outage.
inline constexpr const char* is_next =
    " NOT EXISTS (SELECT 1 FROM calls e WHERE e.host = c.host AND e.run_id = c.run_id"
    "  AND e.project_id = c.project_id AND e.id < c.id AND e.state || '' IN ('pending', 'held')"
    "  AND (e.operation IN ('cancel-workflow', 'force-cancel-workflow'))"
    "    = (c.operation IN ('cancel-workflow', 'force-cancel-workflow'))"
    "  AND NOT (e.state = 'pending' AND e.leased = 0 AND (e.not_found > 0 OR e.tries = 0) AND "
    "e.due_at > ?1)) ";

/// The service that the call goes to has not asked to be left alone (Store::record_pause); `paused`
/// says whether the Runs API has. GitHub's limits are a token's, which no call names: who asks
/// looks at them. Fits `calls c`; to be asked before is_next, which costs more.
inline const char* may_be_asked(bool paused) {
    return paused ? " c.operation IN ('cancel-workflow', 'force-cancel-workflow') " : " 1 = 1 ";
}

/// Of the time between two tries; a pause that a service asks for is no longer.
inline constexpr std::chrono::milliseconds longest_gap = std::chrono::hours(1);

/// What is planned and tried side by side may differ by a little less than this.
inline constexpr std::chrono::milliseconds clock_slack = std::chrono::seconds(5);

/// How far `heard_at` may be behind: most deliveries come from where others just came from.
inline constexpr std::chrono::hours heard_again{1};

/// Rows that one step of pruning takes away of each kind: small, so that a delivery that comes in
/// meanwhile does not wait for them.
inline constexpr int prune_step = 500;

/// What one delivery makes the rules stumble over must not keep the others from being decided.
template <class Ask>
decide::Decision guarded(const Ask& ask) {
    try {
        return ask();
    } catch (const std::exception& bug) {
        decide::Decision none;
        none.reason = std::string(
                          "the rules failed on this delivery, which is a mistake of this"
                          " program (") +
                      bug.what() + "); replay it with a version in which it is mended";
        return none;
    }
}

// What a person is told who names a delivery.
Error no_such_delivery(const std::string& guid);
Error not_one_delivery(const std::string& guid);
Error all_withdrawn(const std::string& reason);
Error under_way();

}  // namespace runs_agent::store
