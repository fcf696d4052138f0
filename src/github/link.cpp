// SPDX-License-Identifier: MIT
#include "github/link.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace runs_agent::github {

namespace {

constexpr std::string_view blanks = " \t";

void skip_blanks(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
}

bool take(std::string_view& text, char expected) {
    skip_blanks(text);
    if (text.empty() || text.front() != expected) return false;
    text.remove_prefix(1);
    return true;
}

/// What comes before the first of `ends`, without the blanks around it.
std::string_view take_word(std::string_view& text, std::string_view ends) {
    skip_blanks(text);
    std::string_view word = text.substr(0, text.find_first_of(ends));
    text.remove_prefix(word.size());
    word.remove_suffix(word.size() - (word.find_last_not_of(blanks) + 1));
    return word;
}

/// A quoted string behind its first quote (RFC 9110 section 5.6.4); absent where it never ends.
std::optional<std::string> take_quoted(std::string_view& text) {
    std::string value;
    while (!text.empty()) {
        const char c = text.front();
        text.remove_prefix(1);
        if (c == '"') return value;
        if (c != '\\') {
            value += c;
            continue;
        }
        if (text.empty()) break;
        value += text.front();
        text.remove_prefix(1);
    }
    return std::nullopt;
}

std::optional<std::string> take_value(std::string_view& text) {
    if (take(text, '"')) return take_quoted(text);
    return std::string(take_word(text, ",;"));
}

/// Relations stand in one parameter, with blanks between them.
bool names(std::string_view relations, std::string_view wanted) {
    while (!relations.empty()) {
        if (equals_ignoring_case(take_word(relations, blanks), wanted)) return true;
        skip_blanks(relations);
    }
    return false;
}

struct Link {
    std::string target;
    std::string relations;
};

/// `<target>; name=value; …`; absent where the grammar is broken.
std::optional<Link> take_link(std::string_view& text) {
    if (!take(text, '<')) return std::nullopt;
    const auto end = text.find('>');
    if (end == std::string_view::npos) return std::nullopt;
    Link link{std::string(text.substr(0, end)), {}};
    text.remove_prefix(end + 1);
    bool has_relations = false;
    while (take(text, ';')) {
        const std::string_view name = take_word(text, "=;,");
        std::optional<std::string> value = std::string();
        if (take(text, '=')) value = take_value(text);
        if (!value) return std::nullopt;
        // Only the first counts (RFC 8288 section 3.3).
        if (has_relations || !equals_ignoring_case(name, "rel")) continue;
        link.relations = std::move(*value);
        has_relations = true;
    }
    return link;
}

}  // namespace

std::optional<std::string> find_link(const net::Headers& headers, std::string_view relation) {
    for (const auto& [name, value] : headers) {
        if (!equals_ignoring_case(name, "Link")) continue;
        std::string_view rest = value;
        do {
            // A list may hold empty members (RFC 9110 section 5.6.1).
            while (take(rest, ',')) continue;
            std::optional<Link> link = take_link(rest);
            if (!link) break;
            if (names(link->relations, relation)) return std::move(link->target);
        } while (take(rest, ','));
    }
    return std::nullopt;
}

}  // namespace runs_agent::github
