// SPDX-License-Identifier: MIT
// A recorded run: its specs, their tests, attempts and errors, when its machines were at work, and
// the pictures, videos and traces that were kept.
#pragma once

#include "admin/page/screens.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace runs_agent::admin::page {

struct RecordedAttempt {
    std::string state;
    std::string error;  // may be empty
    std::chrono::milliseconds took{0};
};

struct RecordedTest {
    std::string id;
    std::string title;
    std::string state;
    std::string error;
    bool flaky = false;
    std::vector<RecordedAttempt> attempts;
};

struct RecordedFile {
    std::string name;
    std::string kind;     // "screenshot", "video", "trace", …
    std::string type;     // the media type
    std::string test;     // its id; empty: of the spec
    std::string address;  // below the root
    std::int64_t size = 0;
};

struct RecordedSpec {
    std::string name;
    std::string group;
    std::string instance;
    std::string machine;
    std::optional<Time> claimed_at;
    std::optional<Time> completed_at;
    std::int64_t passes = 0;
    std::int64_t failures = 0;
    std::int64_t skipped = 0;
    std::string exception;
    std::vector<RecordedTest> tests;
    std::vector<RecordedFile> files;
    bool left_out = false;  // its tests were not asked for
};

struct Recorded {
    RecordedRow row;
    std::string cancelled_by;
    std::string cancel_reason;
    std::vector<RecordedSpec> specs;  // those with failures first
};
std::string recorded(const Frame& frame, const Recorded& shown);

}  // namespace runs_agent::admin::page
