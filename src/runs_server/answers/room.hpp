// SPDX-License-Identifier: MIT
// Room in the memory budget for answers that may be large, taken before they are made.
#pragma once

#include "net/memory_budget.hpp"
#include "runs_server/answers/answers.hpp"
#include "sqlite/database.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace runs_agent::runs_server {

/// Null where there is no room for `bytes` more.
[[nodiscard]] std::shared_ptr<net::MemoryShare> take_room(
    const std::shared_ptr<net::MemoryBudget>& memory, std::uint64_t bytes);

/// The answer of `make()`, in room for `bytes` that was taken before and goes with it; where there
/// is none, the answer that says so.
template <class Make>
net::HttpResponse with_room(const std::shared_ptr<net::MemoryBudget>& memory, std::uint64_t bytes,
                            const Make& make) {
    auto room = take_room(memory, bytes);
    if (!room) return no_room();
    net::HttpResponse response = make();
    response.memory = std::move(room);
    return response;
}

/// What an answer takes while it is made, of rows that hold about so much: it is there as it is
/// written, as it will be sent, and packed.
std::uint64_t room_for_run(sqlite::Database& database, const std::string& run_id);
std::uint64_t room_for_instance(sqlite::Database& database, const std::string& instance_id);

}  // namespace runs_agent::runs_server
