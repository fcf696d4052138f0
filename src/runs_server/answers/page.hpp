// SPDX-License-Identifier: MIT
// Which page of a list is asked for.
// Source: the Runs API's documentation, "Pagination".
#pragma once

#include "net/http_message.hpp"

#include <string>

namespace runs_agent::runs_server {

struct Page {
    int limit = 10;              // 1 to 100
    std::string starting_after;  // a cursor: what comes after it in the list's order
    std::string ending_before;   // a cursor: what comes before it
};

/// Returns what is wrong with limit, starting_after or ending_before, naming it and its rule.
std::string read_page(const net::Parameters& query, Page& page);

}  // namespace runs_agent::runs_server
