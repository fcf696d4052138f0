// SPDX-License-Identifier: MIT
// Where a large member of a body is, found without reading it: pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace runs_agent::runs_server {

/// From the first byte of a value to the one after its last.
struct Extent {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// The list that the object `body` has by that name, at its top. Absent where there is none, or
/// more than one, or it is empty, or the body is no such object as far as that can be seen: whoever
/// reads it whole says what it is. What stands in the list is not looked at. Takes about as long as
/// the body takes to be copied a few times.
std::optional<Extent> list_extent(std::string_view body, std::string_view name);

}  // namespace runs_agent::runs_server
