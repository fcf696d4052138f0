// SPDX-License-Identifier: MIT
#include "agent/action/told/summary.hpp"

#include "base/text.hpp"
#include "observe/printable.hpp"

#include <algorithm>

namespace runs_agent::agent::action {

namespace {

bool is_plain(char c) {
    // Bytes past ASCII belong to letters of other scripts.
    return is_letter_or_digit(c) || static_cast<unsigned char>(c) >= 0x80 || c == ' ' || c == '-' ||
           c == ',' || c == ';';
}

/// The target of a link: what could end it is percent-encoded.
std::string in_link(std::string_view url) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    constexpr std::string_view kept = "-._~:/?#@!$&+,;=%";
    std::string text;
    for (const char c : url) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_letter_or_digit(c) || kept.find(c) != std::string_view::npos)
            text += c;
        else
            text += {'%', hex[byte >> 4U], hex[byte & 0xfU]};
    }
    return text;
}

/// The lists of both are separated by commas, and as long as each other or without addresses.
std::string run_cell(std::string_view ids, std::string_view urls) {
    if (ids.empty()) return "none";
    std::string cell;
    while (!ids.empty()) {
        const std::string_view id = ids.substr(0, ids.find(','));
        const std::string_view url = urls.substr(0, urls.find(','));
        cell += cell.empty() ? "" : ", ";
        if (url.empty())
            cell += in_cell(id);
        else
            cell += "[" + in_cell(id) + "](" + in_link(url) + ")";
        ids.remove_prefix(std::min(id.size() + 1, ids.size()));
        urls.remove_prefix(std::min(url.size() + 1, urls.size()));
    }
    return cell;
}

std::string line_of(std::string_view asked, const Row& row) {
    return "| " + in_cell(asked) + " | " + in_cell(row.happened) + " | " +
           run_cell(row.run_id, row.run_url) + " |\n";
}

}  // namespace

std::string in_cell(std::string_view text) {
    // A character that is written as a reference never counts as Markdown's own.
    // Source: spec.commonmark.org, "Entity and numeric character references".
    std::string cell;
    for (const char c : printable(text)) {
        const bool of_www = c == '.' && !cell.empty() && (cell.back() == 'w' || cell.back() == 'W');
        if (is_plain(c) || (c == '.' && !of_www))
            cell += c;
        else
            cell += "&#" + std::to_string(static_cast<int>(c)) + ";";
    }
    return cell;
}

std::string summary(std::string_view command, std::string_view asked, const Outcome& outcome) {
    std::string text = "### runs-agent: " + in_cell(command) + "\n\n";
    text += "| Asked | Happened | Run |\n| --- | --- | --- |\n";
    for (const Row& row : outcome.rows) text += line_of(row.asked, row);
    if (outcome.rows.empty())
        text += line_of(asked, {"", outcome.happened, outcome.run_id, outcome.run_url});
    return text + "\n";
}

}  // namespace runs_agent::agent::action
