// SPDX-License-Identifier: MIT
// How a database is looked at without a byte of it being changed: no file is made beside it, none
// is emptied into another, none gets other rights. For who looks at what is others'.
#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <string>

namespace runs_agent::sqlite {

/// What Database and Worker take in place of a path, to read the file and nothing else; whatever
/// would write fails. `in_use`: a program works on it, so what it shares with others (-shm) may be
/// joined; else a log that an end left behind (-wal) is read where it lies.
/// Source: sqlite.org/uri.html, sqlite.org/wal.html, "Read-Only Databases".
std::string to_visit(const std::string& path, bool in_use);

/// Is it one of to_visit()?
bool is_visit(const std::string& path);

/// How many migrations the file has seen. `visit`: of to_visit(). Blocks, for a second at most
/// where others hold it. Errors: store, in SQLite's words.
Result<std::int64_t> version_of(const std::string& visit);

}  // namespace runs_agent::sqlite
