#include "runs_server/answers/page.hpp"

#include <charconv>

namespace runs_agent::runs_server {

std::string read_page(const net::Parameters& query, Page& page) {
    if (const auto limit = net::find(query, "limit"); limit && !limit->empty()) {
        const std::string_view text = *limit;
        const auto [rest, failure] =
            std::from_chars(text.data(), text.data() + text.size(), page.limit);
        if (failure != std::errc() || rest != text.data() + text.size() || page.limit < 1 ||
            page.limit > 100)
            return "limit must be a number from 1 to 100";
    }
    page.starting_after = net::find(query, "starting_after").value_or("");
    page.ending_before = net::find(query, "ending_before").value_or("");
    if (!page.starting_after.empty() && !page.ending_before.empty())
        return "starting_after and ending_before exclude each other";
    return {};
}

}  // namespace runs_agent::runs_server
