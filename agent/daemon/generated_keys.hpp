// SPDX-License-Identifier: MIT
// Keys that the embedded Runs API makes up where the environment names none: told once, in a file
// that only its owner can read. Standard output is kept in journals and by containers' hosts, where
// others read it for years.
#pragma once

#include "base/error.hpp"

#include <string>

namespace runs_agent::agent {

/// What was made up; empty: was not.
struct GeneratedKeys {
    std::string api_key;
    std::string record_key;
    std::string project_id;

    bool empty() const { return api_key.empty() && record_key.empty() && project_id.empty(); }
};

/// Writes them to DATABASE.keys, or DATABASE.keys-2 and so on where there is such a file, for
/// `cat`, and for a shell to read. Returns its path. Errc::io where it cannot be made. Blocks.
Result<std::string> write_generated_keys(const std::string& database_path,
                                         const GeneratedKeys& made);

}  // namespace runs_agent::agent
