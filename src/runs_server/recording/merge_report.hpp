// SPDX-License-Identifier: MIT
// What a spec's results are once several reports of it have come: with Playwright's `fullyParallel`
// and `--shard`, the tests of one file run on several machines, and each reports its part. Pure
// functions, so that the order in which parts come and a reset between them can be tested by
// themselves. Which tests are the same: test_list.hpp.
#pragma once

#include "runs_server/recording/record_request.hpp"
#include "runs_server/recording/unnamed.hpp"

#include <optional>
#include <set>
#include <string>

namespace runs_agent::runs_server {

/// The tests of a spec, as lists in JSON.
struct KnownTests {
    std::string current = "[]";  // reported since the spec was last reset
    std::string earlier = "[]";  // reported before that, and not again since
    Unnamed unnamed = {};        // as earlier, of what has no name
};

/// What is recorded of a spec. Where it is not complete only the earlier tests count.
struct SpecResults {
    Counters counters;
    std::string stats_json;
    std::optional<std::string> exception_json;
    bool failed = false;
    KnownTests tests;
};

struct Merged {
    SpecResults results;
    /// Whether the report tells of tests, or of a failure, that were not known, or settles what was
    /// left from before a reset. Else the results are those there were.
    bool news = true;
};

/// The first results of an incomplete spec. `machines`, here and below: who has reported it since
/// its last reset, the one that reports now with them.
SpecResults first_report(const KnownTests& known, const RecordedSpec& reported,
                         const std::set<std::string>& machines = {});

/// A further report of a complete spec. Of each test the first result stays, unless a later one
/// failed, or the first one could not run: what failed on any machine has failed. What a reporter
/// counts and does not list by its test id or title cannot be told apart from what is known, and
/// adds up only beside other news.
Merged merge_report(const SpecResults& known, const RecordedSpec& reported,
                    const std::set<std::string>& machines = {});

/// The results of a spec that was reset, as they were before: for a report from before the reset
/// that comes again. What is reported anew takes their place.
SpecResults as_before(const KnownTests& known, const RecordedSpec& again);

/// The tests of a spec that is being reset. They count again, as long as they are not reported
/// anew: whoever runs the spec again may run a part of it only. Those without a name are left out.
KnownTests set_aside(const KnownTests& known);
/// The same with what has no name; who answers for it is the caller's to tell.
KnownTests set_aside(const SpecResults& known);

/// Whether anything that was set aside has failed.
bool failed_before(const KnownTests& known);

/// Of a report that tells of a failure without a name (unnamed.hpp): the names that it does list.
std::optional<std::set<std::string>> beside_unnamed_failure(const RecordedSpec& reported);

/// All of them, in one list.
std::string all_tests(const KnownTests& known);

/// Their test ids.
std::set<std::string> test_ids(const KnownTests& known);

}  // namespace runs_agent::runs_server
