// SPDX-License-Identifier: MIT
// What cypress-cloud reports of a spec, in the form in which all reporters' results are kept: pure.
// Source: cypress-cloud 1.13.1, whose results are those of Cypress's module API.
#pragma once

#include "runs_server/recording/record_request.hpp"

#include <rapidjson/document.h>

#include <string>
#include <variant>
#include <vector>

namespace runs_agent::runs_server {

/// Of `tests`, which names the tests of a spec before or beside its results: a list of
/// {"clientId","title"}, as JSON. What else stands there (the tests' code, the configuration) is
/// not kept.
std::string named_tests_json(const rapidjson::Value& tests);

/// A spec's results, and which of its files is which.
struct CypressResults {
    RecordedSpec spec;
    bool video = false;                       // spec.artifacts begins with it,
    bool coverage = false;                    // then comes this, then
    std::vector<std::string> screenshot_ids;  // these
};

/// `results` are stats, tests by their clientId, screenshots; `named` is what named_tests_json()
/// gave. A test gets an id of its spec and its title, so that it is the same one in every run.
/// Absent: what is wrong.
std::variant<CypressResults, std::string> read_cypress_results(const rapidjson::Value& results,
                                                               const std::string& named,
                                                               const std::string& group,
                                                               const std::string& spec);

}  // namespace runs_agent::runs_server
