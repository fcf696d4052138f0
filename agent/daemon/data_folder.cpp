// SPDX-License-Identifier: MIT
#include "agent/daemon/data_folder.hpp"

#include "sqlite/private_file.hpp"

#include <filesystem>

namespace runs_agent::agent {

namespace fs = std::filesystem;

Result<void> make_folder_of(const std::string& file) {
    const fs::path folder = fs::path(file).parent_path();
    std::error_code failure;
    if (folder.empty() || fs::is_directory(folder, failure)) return {};
    if (fs::create_directories(folder, failure); !failure)
        fs::permissions(folder, fs::perms::owner_all, failure);
    if (failure)
        return fail(Errc::io, "cannot create the folder " + folder.string() + ": " +
                                  failure.message() +
                                  "; create it, or name another with RUNS_AGENT_STATE_DIR");
    return {};
}

void keep_private(const std::string& database, Log& log) {
    switch (sqlite::keep_private(database)) {
        case sqlite::Privacy::kept:
            return;
        case sqlite::Privacy::narrowed:
            log.warn("store.narrowed",
                     {{"file", database},
                      {"note", "others could read it; its owner alone can from now on"}});
            return;
        case sqlite::Privacy::open_to_others:
            log.warn("store.open_to_others",
                     {{"file", database},
                      {"note",
                       "others can read it, and it is another user's; chmod 600 it, or"
                       " chown it to the user that runs this"}});
            return;
    }
}

}  // namespace runs_agent::agent
