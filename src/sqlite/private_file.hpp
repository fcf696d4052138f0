// SPDX-License-Identifier: MIT
// Who may read a database: its owner alone. It holds payloads, hashes of keys and what a run told.
#pragma once

#include <string>

namespace runs_agent::sqlite {

enum class Privacy {
    kept,            // nobody but its owner could read it
    narrowed,        // others could, and cannot any more
    open_to_others,  // others can, and the file belongs to another user, who must mend it
};

/// Lets nobody but its owner read or write the database at `path` and what SQLite keeps beside it
/// (-wal, -shm, -journal; https://www.sqlite.org/tempfiles.html), whatever the umask and whoever
/// made its folder; makes the file where there is none. What cannot be done is left for the opening
/// of the database to complain of. Blocks.
Privacy keep_private(const std::string& path);

}  // namespace runs_agent::sqlite
