// SPDX-License-Identifier: MIT
// Which PostgreSQL server tests use: one that tests/postgres/server started.
#pragma once

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>

namespace runs_agent::tests {

/// Its URL, as RUNS_AGENT_TEST_POSTGRES says, or the file that RUNS_AGENT_TEST_POSTGRES_FILE names;
/// empty: neither is set. A file that is not there is a failure: the server did not start.
inline std::string server_under_test() {
    if (const char* const url = std::getenv("RUNS_AGENT_TEST_POSTGRES")) return url;
    const char* const path = std::getenv("RUNS_AGENT_TEST_POSTGRES_FILE");
    if (path == nullptr) return "";
    std::string url;
    std::ifstream file(path);
    if (!std::getline(file, url))
        throw std::runtime_error(std::string("no PostgreSQL server was started: ") + path);
    return url;
}

}  // namespace runs_agent::tests
