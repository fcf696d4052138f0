// SPDX-License-Identifier: MIT
#include "agent/daemon/generated_keys.hpp"

#include "agent/daemon/private_file.hpp"

namespace runs_agent::agent {

namespace {

/// Each made at a start that found no key: nobody has as many.
constexpr int max_files = 100;

std::string text_of(const GeneratedKeys& made) {
    std::string text =
        "# Made up by runs-agent for its embedded Runs API, which keeps only hashes of them.\n"
        "# Keep them where your secrets are, and remove this file.\n";
    const auto add = [&text](const char* name, const std::string& value) {
        if (!value.empty()) ((((text += "export ") += name) += '=') += value) += '\n';
    };
    add("CURRENTS_API_KEY", made.api_key);
    add("CURRENTS_RECORD_KEY", made.record_key);
    add("CURRENTS_PROJECT_ID", made.project_id);
    return text;
}

}  // namespace

Result<std::string> write_generated_keys(const std::string& database_path,
                                         const GeneratedKeys& made) {
    const std::string first = database_path + ".keys";
    std::string path = first;
    for (int next = 2;; ++next) {
        const auto written = write_private_file(path, text_of(made));
        if (written.has_value()) return path;
        if (written.error().code != Errc::busy) return written.error();
        if (next > max_files)
            return fail(Errc::io, "there are " + std::to_string(max_files) + " files such as " +
                                      first + "; remove those that are not needed");
        path = first + "-" + std::to_string(next);
    }
}

}  // namespace runs_agent::agent
