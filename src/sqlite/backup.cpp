// SPDX-License-Identifier: MIT
#include "sqlite/backup.hpp"

#include "sqlite/database.hpp"
#include "sqlite/private_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

namespace runs_agent::sqlite {

namespace fs = std::filesystem;

namespace {

/// Of a file or a folder: what was written to it is on disk. False where it cannot be.
bool sync(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return false;
    const bool done = ::fsync(descriptor) == 0;
    ::close(descriptor);
    return done;
}

/// Throws SqliteError. The copy is one file: it has no log beside it.
/// Source: https://www.sqlite.org/lang_vacuum.html, "VACUUM with an INTO clause".
void copy(const std::string& from, const std::string& to) {
    keep_private(to);  // SQLite takes an empty file as it finds it, with its mode
    Database database(from);
    database.prepare("VACUUM INTO ?").bind(to).run();
}

/// Throws SqliteError, also where the copy is damaged.
void look_through(const std::string& path) {
    Database database(path);
    Statement row = database.prepare("PRAGMA quick_check(1)");
    row.step();
    if (row.text(0) != "ok") throw SqliteError(0, "the copy is damaged: " + row.text(0));
}

void remove_all_of(const std::string& path) {
    std::error_code ignored;  // what is not there need not go
    for (const char* const beside : {"", "-wal", "-shm", "-journal"})
        fs::remove(path + beside, ignored);
}

}  // namespace

Result<std::uint64_t> back_up(const std::string& from, const std::string& to) {
    std::error_code failure;
    if (!fs::exists(from, failure))
        return failure ? fail(Errc::store, "the database at " + from +
                                               " cannot be looked at: " + failure.message() +
                                               "; run this as its owner, or as root")
                       : fail(Errc::not_found, "there is no database at " + from);
    if (fs::exists(fs::symlink_status(to, failure)))
        return fail(Errc::busy, to + " is there already; name a new file, or remove it first");
    // Under another name until it is whole: nobody takes half a copy for a backup.
    const std::string partial = to + ".partial";
    remove_all_of(partial);
    try {
        copy(from, partial);
        look_through(partial);
    } catch (const SqliteError& error) {
        remove_all_of(partial);
        return fail(Errc::store, std::string("no backup was made: ") + error.what());
    }
    const std::uint64_t bytes = fs::file_size(partial, failure);
    const std::string folder = fs::absolute(to).parent_path().string();
    if (!failure && sync(partial)) fs::rename(partial, to, failure);
    if (failure || !fs::exists(to) || !sync(folder)) {
        remove_all_of(partial);
        return fail(Errc::store, "no backup was made: " + to + " cannot be written: " +
                                     (failure ? failure.message() : std::strerror(errno)));
    }
    remove_all_of(partial);  // what looking through it may have left beside it
    return bytes;
}

}  // namespace runs_agent::sqlite
