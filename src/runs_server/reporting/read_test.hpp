// SPDX-License-Identifier: MIT
// What Playwright's reporter tells of one test, read: pure.
#pragma once

#include "runs_server/recording/test_rows.hpp"

#include <rapidjson/document.h>

#include <optional>
#include <string>

namespace runs_agent::runs_server {

/// The members that never change, without braces: the test's id, title, place and bounds.
std::string fixed_members(const rapidjson::Value& body);

/// What it says of the test now. `expected_status` is what the test is expected to end with.
///
/// Of "pending" there are two kinds: left out on purpose (test.skip, fixme, an action of the
/// service), and not run because something before it failed or ended the run, which the contract
/// calls `skipped`. Interrupted tests come as "skipped".
TestReport read_test_report(const rapidjson::Value& body, std::string_view expected_status);

/// `expectedStatus` in what fixed_members() wrote.
std::string expected_status_of(const std::string& fixed_json);

/// How long ago the test began when its reporter sent this, by its own clock; absent where it does
/// not tell.
std::optional<std::int64_t> milliseconds_since_begin(const rapidjson::Value& body);

}  // namespace runs_agent::runs_server
