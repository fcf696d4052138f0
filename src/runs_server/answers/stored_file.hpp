// SPDX-License-Identifier: MIT
// Files in the database, as those who have a signed address write and read them. Their table has
// the columns id, size (absent until the file has come), content_type and content.
#pragma once

#include "net/memory_budget.hpp"
#include "runs_server/answers/answers.hpp"
#include "sqlite/database.hpp"

#include <memory>
#include <optional>
#include <string>

namespace runs_agent::runs_server {

/// Stores the bytes, again where they came before; returns how many. Absent: there is no such row.
/// An empty `content_type` leaves the one that is there. `table` is this program's own.
std::optional<std::int64_t> store_file(sqlite::Database& database, const char* table,
                                       const std::string& id, const std::string& content_type,
                                       const std::string& content);

/// The bytes as they came; 404 with `missing` where they did not, 503 where there is no room.
net::HttpResponse stored_file(sqlite::Database& database, const char* table, const std::string& id,
                              std::string_view missing,
                              const std::shared_ptr<net::MemoryBudget>& memory);

}  // namespace runs_agent::runs_server
