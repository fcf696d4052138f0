// SPDX-License-Identifier: MIT
// What people ask of the store and do in it by hand, at the page, the HTTP API and the command
// line: which deliveries fit a filter, how many there were, what was replayed or dropped, by whom
// and why.
#pragma once

#include "base/time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runs_agent::store {

struct DeliveryRow;

/// Where a delivery stands, as filters name it.
enum class Standing {
    undecided,
    nothing,  // decided, and there was nothing to do
    open,     // a call is pending or held
    held,     // a call waits for the key to be mended
    dead,     // a call was given up
    dropped,  // a call was given up by hand
    done,     // its calls have all succeeded
};
std::string_view to_string(Standing standing);
std::optional<Standing> parse_standing(std::string_view name);

/// What a call did at the service.
enum class Did { cancelled, reopened };
std::string_view to_string(Did did);
std::optional<Did> parse_did(std::string_view name);

/// Which deliveries: those that all of it fits. What is empty or absent fits all. Patterns are
/// globs with * and ?, whose case does not count.
struct DeliverySearch {
    std::string id;  // its GUID, or an unambiguous beginning of it
    std::string host;
    std::string repository;
    std::string workflow;  // its name or its path
    std::string branch;
    std::string actor;  // who started the attempt
    std::string conclusion;
    std::string rule;  // "R1" … "R6"
    std::optional<Standing> standing;
    std::optional<Did> did;
    std::optional<std::int64_t> run_id;
    std::optional<Time> since;  // received then or later
    std::optional<Time> until;  // received before then
    /// Each is the beginning of its id, or somewhere in the names of its repository, workflow,
    /// branch, actor or job.
    std::vector<std::string> text;

    std::string before;  // a GUID: only older ones
    /// A GUID: only newer ones. Ids are given before the commit, so one that was stored side by
    /// side may come to be there below it later, and is not among them.
    std::string after;
    int limit = 50;
    /// How long to look for them; absent: to the end.
    std::optional<std::chrono::milliseconds> look_for;
};

/// The newest first.
struct DeliveryPage {
    std::vector<DeliveryRow> rows;
    /// `before` of what follows; empty: that was all.
    std::string next;
    /// Where the time was over before the page was full: all that is newer than this was looked at.
    std::optional<Time> looked_until;
};

enum class HandAct { replay, drop };
std::string_view to_string(HandAct act);

/// What somebody does by hand.
struct ByHand {
    HandAct act = HandAct::replay;
    std::string actor;   // "page: Ada", "api", "command line: root"
    std::string reason;  // may be empty
    std::string filter;  // of several: as it was written
    int at_most = 1'000;
    bool dry_run = false;  // says what would become of it, and does nothing
};

/// What came of it.
struct HandOutcome {
    int deliveries = 0;                                   // that it was done to
    int calls = 0;                                        // of theirs
    std::vector<std::pair<std::string, int>> left_alone;  // why, and how many
    bool more = false;                                    // `at_most` was reached
};

/// What somebody did by hand, as it is kept.
struct HandRecord {
    Time at{};
    std::string act;  // "replay", "drop", "cancel run", "reset run"
    std::string actor;
    std::string reason;
    std::string delivery;  // its GUID; empty: it was done to something else
    std::string subject;   // what it was done to, where that is no delivery
    std::string filter;    // where it was one of several
    int calls = 0;
};

/// How many deliveries people replayed, by the way they did it.
struct Replays {
    std::int64_t last = 0;  // names the newest act that there is; 0: there is none
    std::int64_t page = 0;
    std::int64_t api = 0;
    std::int64_t command_line = 0;
};

/// What came in and was done in a span of time.
struct Counts {
    Time from{};
    std::int64_t deliveries = 0;
    std::int64_t nothing = 0;    // decided, and no rule fired
    std::int64_t cancelled = 0;  // runs, by calls
    std::int64_t reopened = 0;   // runs whose specs were reset, by calls
    std::int64_t dead = 0;       // calls given up, and not taken up again
    std::int64_t specs = 0;      // that were opened again in those runs
    std::int64_t uncounted = 0;  // of those runs: a version before did not note how many specs
};

}  // namespace runs_agent::store
