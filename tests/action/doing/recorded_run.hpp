// SPDX-License-Identifier: MIT
// A recorded run as the service answers it, to be changed at one place.
#pragma once

#include <stdexcept>
#include <string>

namespace runs_agent::agent::action {

/// `data` with each `from` replaced by `to`; it must be there.
inline std::string with(std::string data, const std::string& from, const std::string& to) {
    if (data.find(from) == std::string::npos) throw std::invalid_argument("no " + from);
    for (auto at = data.find(from); at != std::string::npos; at = data.find(from, at + to.size()))
        data.replace(at, from.size(), to);
    return data;
}

/// Complete and failed: spec a has a passed and a failed test, spec b two that passed and one that
/// is skipped on purpose.
inline std::string failed_run() {
    return R"({"runId":"4f2a","completionState":"COMPLETE","status":"FAILED",
"cancellation":null,"timeout":{"isTimeout":false,"timeoutValueMs":null},
"groups":[{"groupId":"g","instances":{"overall":2,"claimed":2,"complete":2,"passes":1,"failures":1},
"tests":{"overall":5,"passes":3,"failures":1,"pending":1,"skipped":0,"flaky":1,"retries":1}}],
"specs":[{"spec":"a","groupId":"g","instanceId":"ia","claimedAt":"x","completedAt":"y",
"results":{"exception":null,"stats":{"tests":2,"passes":1,"failures":1,"pending":0,"skipped":0}}},
{"spec":"b","groupId":"g","instanceId":"ib","claimedAt":"x","completedAt":"y",
"results":{"exception":null,"stats":{"overall":3,"passes":2,"failures":0,"pending":1,"skipped":0,"flaky":1}}}]})";
}

/// The same, with all tests passed.
inline std::string passed_run() {
    std::string data = with(failed_run(), R"("FAILED")", R"("PASSED")");
    data = with(data, R"("passes":3,"failures":1)", R"("passes":4,"failures":0)");
    return with(data, R"("tests":2,"passes":1,"failures":1)",
                R"("tests":2,"passes":2,"failures":0)");
}

/// The failed one, in which a failed test kept another of spec a from running.
inline std::string skipping_run() {
    std::string data =
        with(failed_run(), R"("overall":5,"passes":3,"failures":1,"pending":1,"skipped":0)",
             R"("overall":6,"passes":3,"failures":1,"pending":1,"skipped":1)");
    return with(data, R"("tests":2,"passes":1,"failures":1,"pending":0,"skipped":0)",
                R"("tests":3,"passes":1,"failures":1,"pending":0,"skipped":1)");
}

}  // namespace runs_agent::agent::action
