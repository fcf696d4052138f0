#include "agent/action/outcome.hpp"

namespace runs_agent::agent::action {

namespace {

bool is_plain(char c) {
    // Bytes past ASCII belong to letters of other scripts.
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           static_cast<unsigned char>(c) >= 0x80 || c == ' ' || c == '-' || c == ',' || c == ';';
}

/// The target of a link: what could end it is percent-encoded.
std::string in_link(std::string_view url) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    constexpr std::string_view kept = "-._~:/?#@!$&+,;=%";
    std::string text;
    for (const char c : url) {
        const bool letter =
            (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        const auto byte = static_cast<unsigned char>(c);
        if (letter || kept.find(c) != std::string_view::npos)
            text += c;
        else
            text += {'%', hex[byte >> 4U], hex[byte & 0xfU]};
    }
    return text;
}

std::string run_cell(const Outcome& outcome) {
    if (outcome.run_id.empty()) return "none";
    if (outcome.run_url.empty()) return in_cell(outcome.run_id);
    return "[" + in_cell(outcome.run_id) + "](" + in_link(outcome.run_url) + ")";
}

}  // namespace

std::string in_cell(std::string_view text) {
    // A character that is written as a reference never counts as Markdown's own.
    // Source: spec.commonmark.org, "Entity and numeric character references".
    std::string cell;
    for (const char c : text) {
        const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
        const bool of_www = c == '.' && !cell.empty() && (cell.back() == 'w' || cell.back() == 'W');
        if (control)
            cell += ' ';
        else if (is_plain(c) || (c == '.' && !of_www))
            cell += c;
        else
            cell += "&#" + std::to_string(static_cast<int>(c)) + ";";
    }
    return cell;
}

std::string summary(std::string_view command, std::string_view asked, const Outcome& outcome) {
    std::string text = "### runs-agent: " + in_cell(command) + "\n\n";
    text += "| Asked | Happened | Run |\n| --- | --- | --- |\n";
    text += "| " + in_cell(asked) + " | " + in_cell(outcome.happened) + " | " + run_cell(outcome) +
            " |\n\n";
    return text;
}

}  // namespace runs_agent::agent::action
