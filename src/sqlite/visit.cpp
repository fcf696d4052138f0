// SPDX-License-Identifier: MIT
#include "sqlite/visit.hpp"

#include "sqlite/database.hpp"

#include <filesystem>
#include <string_view>

namespace runs_agent::sqlite {

namespace {

constexpr std::string_view scheme = "file:";

/// What has a meaning of its own in a URI is written as %HH.
std::string escaped(const std::string& path) {
    std::string text;
    for (const char c : path)
        text += c == '%' ? "%25" : c == '?' ? "%3f" : c == '#' ? "%23" : std::string(1, c);
    return text;
}

}  // namespace

std::string to_visit(const std::string& path, bool in_use) {
    std::error_code failure;
    const std::string absolute = std::filesystem::absolute(path, failure).string();
    std::string visit = std::string(scheme) + escaped(failure ? path : absolute) + "?mode=ro";
    if (in_use) return visit;
    // Without a log nothing but the file counts, and nobody is there who could change it.
    if (!std::filesystem::exists(path + "-wal", failure)) return visit + "&immutable=1";
    return visit + "&readonly_shm=1";
}

bool is_visit(const std::string& path) {
    return path.starts_with(scheme);
}

Result<std::int64_t> version_of(const std::string& visit) {
    try {
        Database database(visit);
        Statement version = database.prepare("PRAGMA user_version");
        version.step();
        return version.integer(0);
    } catch (const SqliteError& error) {
        return fail(Errc::store, error.what());
    }
}

}  // namespace runs_agent::sqlite
