// SPDX-License-Identifier: MIT
// Lists of tests as reporters send them, and which tests of two lists are the same. A test is known
// by its `testId`, or, without, by its title; several of one name in one report are as many tests
// (JUnit files hold such namesakes: gradle/gradle#39079), told apart by nothing but their number.
#pragma once

#include "runs_server/recording/record_request.hpp"

#include <rapidjson/document.h>

#include <cstdint>
#include <map>
#include <string>

namespace runs_agent::runs_server {

/// A list that this program has written.
rapidjson::Document read_tests(const std::string& list);

/// The name by which a test is known again; empty where the reporter gives it none.
std::string name_of(const rapidjson::Value& test);

/// How many tests of each name there are; those without a name are left out.
using Occurrences = std::map<std::string, std::int64_t>;
Occurrences occurrences(const rapidjson::Value& tests);

/// Whether `tests` has a name that is in neither of the other lists.
bool has_new_name(const rapidjson::Value& tests, const Occurrences& one, const Occurrences& other);

Counters count_tests(const rapidjson::Value& tests);
Counters sum_of(Counters one, const Counters& other);
/// What was counted beyond the tests that are listed.
Counters unlisted(Counters counters, const Counters& listed);

/// Adds a report to what others have reported of the same spec; says whether it told anything new.
/// The n-th test of a name is the n-th one of that name that is known. What failed on any machine
/// has failed, and what something else kept from running (`skipped`) gives way to a result; else
/// the first result stays.
bool add_tests(rapidjson::Document& current, const rapidjson::Document& reported);

/// What is left of `tests` when of each name as many as `again` says were run again. Which of
/// several they were nobody can tell (tests change their order, and failed ones alone may run
/// again): so a failure goes last, and one that did not run before it.
rapidjson::Document remaining_tests(const rapidjson::Document& tests, Occurrences again);

/// Those that take the place of what was before a reset. What did not run (`skipped` by something
/// else, or `pending` by itself) does not take a failure's: that was not run again.
rapidjson::Document that_count(const rapidjson::Document& tests, const rapidjson::Document& before);

/// Those with a name.
rapidjson::Document with_names(const rapidjson::Document& tests);

}  // namespace runs_agent::runs_server
