// SPDX-License-Identifier: MIT
// A later event may take a call back at any moment: the store is asked once more right before each
// request that changes something.
#pragma once

#include "base/awaitable.hpp"
#include "execute/answer.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace runs_agent::execute {

/// Why a call must not be sent any more; absent: it is still wanted. An error: that cannot be known
/// just now. See store::Store::not_wanted().
using NotWanted =
    std::function<Awaitable<Result<std::optional<std::string>>>(std::int64_t call_id)>;

/// The reply that takes the place of a request which is not to be sent; absent: send it. What
/// cannot be known is not sent, and tried later. An empty function: everything is wanted.
Awaitable<std::optional<Reply>> in_place_of_request(NotWanted not_wanted, std::int64_t call_id);

}  // namespace runs_agent::execute
