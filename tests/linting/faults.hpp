// SPDX-License-Identifier: MIT
// Faults for script/tidy to find in a header: each line says which check has to report it.
#pragma once

#include <memory>
#include <string>

namespace runs_agent::linting {

struct Named {
    int* nothing = NULL;                          // modernize-use-nullptr
    bool is_empty() { return name.size() == 0; }  // readability-container-size-empty
    std::string name;
};

}  // namespace runs_agent::linting
