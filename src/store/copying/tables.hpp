// SPDX-License-Identifier: MIT
// The tables that a store is copied by: both backends have them, with the same columns.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace runs_agent::store {

enum class Kind { number, text, blob };

struct Column {
    const char* name;
    Kind kind;
};

struct Table {
    const char* name;
    std::vector<Column> columns;  // the primary key's come first
    std::size_t key;              // how many of them are the primary key
    /// Columns of PostgreSQL's alone, which follow from the others: lanes (lanes.hpp), and the
    /// names that a delivery is found by (naming.hpp).
    std::vector<Column> derived = {};
};

/// In the order in which they can be written: what others refer to comes first. What says who works
/// on a store, and which versions its tables have, is not copied.
std::span<const Table> copied_tables();

/// A value of a row; absent: NULL.
struct Value {
    std::optional<std::int64_t> number;
    std::optional<std::string> text;  // or the bytes of a blob

    bool operator==(const Value&) const = default;
};
using Values = std::vector<Value>;

/// The values of these columns for a row of that table, in the order of `derived`.
Values derived_of(const Table& table, const Values& row);

}  // namespace runs_agent::store
