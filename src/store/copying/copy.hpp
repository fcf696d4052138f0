// SPDX-License-Identifier: MIT
// Copies a store from one database to another: the road from one machine to many, and back.
#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace runs_agent::store {

struct CopyReport {
    std::int64_t copied = 0;  // rows that this time brought
    std::int64_t rows = 0;    // rows that are in both, compared value by value
};

/// `from` and `to`: the path of a SQLite file, or a PostgreSQL URL; one of each, or two of one
/// kind. Nobody may work on either: of SQLite files the caller sees to that, of PostgreSQL
/// databases it is looked for (Errc::busy). `to` is made where it is not there, and must be empty,
/// or hold what an earlier copy of the same store that was broken off has left: it goes on from
/// there. At the end every row of `from` is compared with that in `to`, and Errc::store where one
/// differs. What a text holds that PostgreSQL cannot (postgres/storable.hpp) is replaced on the
/// way. `progress` is told each table and how many of its rows were read. Blocks.
Result<CopyReport> copy_store(
    const std::string& from, const std::string& to,
    const std::function<void(const std::string& table, std::int64_t rows)>& progress);

}  // namespace runs_agent::store
