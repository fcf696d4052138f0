// SPDX-License-Identifier: MIT
// The folder that setup writes into, and what is there already: it writes over nothing.
#pragma once

#include "base/error.hpp"
#include "config/environment.hpp"

#include <optional>
#include <string>
#include <vector>

namespace runs_agent::agent::setup {

struct Place {
    std::string folder;  // absolute
    std::string unit;    // of the installed service, where its secrets are here; else empty

    std::string file(const std::string& name) const;
    /// The file that the service wants for the Runs API's key, where it is not there; else empty.
    std::string missing_api_key() const;
};

/// `output` is --output; where it is empty, the folder of the installed service's secrets, else the
/// current one. Errc::bad_input where it is none, or cannot be written into.
Result<Place> find_place(const std::string& output, const config::Environment& environment);

/// Does nothing say where the Runs API's key is?
bool lacks_api_key(const config::Environment& environment);

/// Errc::bad_input where one of these files is there.
Result<void> check_free(const Place& place, const std::vector<std::string>& names);

/// What the file webhook-secret holds, the first of several; absent where there is no such file.
/// Errc::bad_input where it cannot be read, or holds none.
Result<std::optional<std::string>> find_secret(const Place& place);

}  // namespace runs_agent::agent::setup
