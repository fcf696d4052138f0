// SPDX-License-Identifier: MIT
// The folder that setup writes into, and what is there already: it writes over nothing.
#pragma once

#include "agent/setup/texts.hpp"
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

/// The names of what setup writes there, and in a Kubernetes Secret.
inline constexpr const char* secret_name = "webhook-secret";
inline constexpr const char* key_name = "github-app.pem";
/// The daemon's settings, for a shell or for the service.
std::string settings_name(const Place& place);

/// `output` is --output; where it is empty, the folder of the installed service's secrets, else the
/// current one. Errc::bad_input where it is none, or cannot be written into.
Result<Place> find_place(const std::string& output, const config::Environment& environment);

/// Where a file may go that is for who typed the command: the current folder, and their home.
std::vector<std::string> folders_of_caller(const config::Environment& environment);

/// Is there no screen here for a browser, as far as the environment tells?
bool is_far(const config::Environment& environment);
Way way_to_here(const config::Environment& environment);

/// Does nothing say where the Runs API's key is?
bool lacks_api_key(const config::Environment& environment);

/// Errc::bad_input where one of these files is there.
Result<void> check_free(const Place& place, const std::vector<std::string>& names);

/// What the file webhook-secret holds, the first of several; absent where there is no such file.
/// Errc::bad_input where it cannot be read, or holds none.
Result<std::optional<std::string>> find_secret(const Place& place);

}  // namespace runs_agent::agent::setup
