// SPDX-License-Identifier: MIT
// What the program was told, as people read it: by `config print`, and on the page. Of secrets,
// that they are set.
#pragma once

#include "config/configuration.hpp"

#include <string>
#include <vector>

namespace runs_agent::config {

struct Setting {
    std::string name;  // of the variable
    std::string value;
};

/// In the order in which they are documented.
std::vector<Setting> settings_in_force(const Configuration& configuration);

}  // namespace runs_agent::config
