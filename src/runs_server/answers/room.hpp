// Room in the memory budget for answers that may be large, taken before they are made.
#pragma once

#include "net/memory_budget.hpp"
#include "sqlite/database.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace runs_agent::runs_server {

/// Null where there is no room for `bytes` more.
std::shared_ptr<net::MemoryShare> take_room(const std::shared_ptr<net::MemoryBudget>& memory,
                                            std::uint64_t bytes);

/// What an answer takes while it is made, of rows that hold about so much: it is there as it is
/// written, as it will be sent, and packed.
std::uint64_t room_for_run(sqlite::Database& database, const std::string& run_id);
std::uint64_t room_for_instance(sqlite::Database& database, const std::string& instance_id);

}  // namespace runs_agent::runs_server
