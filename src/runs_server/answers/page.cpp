// SPDX-License-Identifier: MIT
#include "runs_server/answers/page.hpp"

#include "base/text.hpp"

namespace runs_agent::runs_server {

std::string read_page(const net::Parameters& query, Page& page) {
    if (const auto limit = net::find(query, "limit"); limit && !limit->empty()) {
        page.limit = parse_number<int>(*limit).value_or(0);
        if (page.limit < 1 || page.limit > 100) return "limit must be a number from 1 to 100";
    }
    page.starting_after = net::find(query, "starting_after").value_or("");
    page.ending_before = net::find(query, "ending_before").value_or("");
    if (!page.starting_after.empty() && !page.ending_before.empty())
        return "starting_after and ending_before exclude each other";
    return {};
}

}  // namespace runs_agent::runs_server
