// SPDX-License-Identifier: MIT
#include "agent/cli/read_file.hpp"

#include <fstream>
#include <iostream>
#include <sstream>

namespace runs_agent::agent {

Result<std::string> read_file(const std::string& path) {
    std::ostringstream content;
    if (path == "-") {
        content << std::cin.rdbuf();
        return std::move(content).str();
    }
    std::ifstream file(path, std::ios::binary);
    if (file) content << file.rdbuf();
    if (!file || content.fail())
        return fail(Errc::bad_input,
                    "cannot read " + path + "; see that it is there, or use - for standard input");
    return std::move(content).str();
}

}  // namespace runs_agent::agent
