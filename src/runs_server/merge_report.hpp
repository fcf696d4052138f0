// What a spec's results are once several reports of it have come: with Playwright's `fullyParallel`
// and `--shard`, the tests of one file run on several machines, and each reports its part. A pure
// function, so that the order in which parts come and a reset between them can be tested by itself.
#pragma once

#include "runs_server/record_request.hpp"

#include <optional>
#include <set>
#include <string>

namespace runs_agent::runs_server {

/// The tests of a spec, as lists in JSON.
struct KnownTests {
    std::string current = "[]";  // reported since the spec was last reset
    std::string earlier = "[]";  // reported before that, and not again since
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
    /// Whether the report tells of tests, or of a failure, that were not known. Else the results
    /// are those there were.
    bool news = true;
};

/// The first results of an incomplete spec.
SpecResults first_report(const KnownTests& known, const RecordedSpec& reported);

/// A further report of a complete spec. Of each test the first result stays, unless a later one
/// failed: what failed on any machine has failed. What a reporter counts and does not list by its
/// test id or title cannot be told apart from what is known, and adds up only beside other news.
Merged merge_report(const SpecResults& known, const RecordedSpec& reported);

/// The tests of a spec that is being reset. They count again, as long as they are not reported
/// anew: whoever runs the spec again may run a part of it only.
KnownTests set_aside(const KnownTests& known);

/// All of them, in one list.
std::string all_tests(const KnownTests& known);

/// Their test ids.
std::set<std::string> test_ids(const KnownTests& known);

}  // namespace runs_agent::runs_server
