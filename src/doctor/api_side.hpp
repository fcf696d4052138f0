// SPDX-License-Identifier: MIT
// The Runs API's side: is the key taken, and are the projects there that the policy names?
#pragma once

#include "doctor/finding.hpp"

#include <optional>
#include <string>
#include <vector>

namespace runs_agent::doctor {

struct ApiSeen {
    std::string address;
    bool key_given = false;
    bool own = false;                   // the embedded one, with a key of its own
    bool own_is_guessed = false;        // as there is a database of it, and no daemon to ask
    int status = 0;                     // of GET /projects; 0: no answer
    std::string words;                  // the service's, or the error
    bool key_fault = false;             // there is no key that could be sent, `words` says why
    std::vector<std::string> projects;  // that the key sees
    bool more = false;                  // there were too many to look at
};
Finding judge_api_key(const ApiSeen& seen);

/// `named`: the ids that the policy and CURRENTS_PROJECT_ID name.
Findings judge_projects(const ApiSeen& seen, const std::vector<std::string>& named);

}  // namespace runs_agent::doctor
