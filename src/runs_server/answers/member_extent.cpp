// SPDX-License-Identifier: MIT
#include "runs_server/answers/member_extent.hpp"

namespace runs_agent::runs_server {

namespace {

constexpr auto nowhere = std::string_view::npos;
constexpr std::string_view blanks = " \t\n\r";  // RFC 8259 section 2

/// Steps through a text of JSON. Every step returns where it ends, or nowhere.
class Steps {
public:
    explicit Steps(std::string_view text) : text_(text) {}

    std::size_t over_blanks(std::size_t at) const { return text_.find_first_not_of(blanks, at); }

    bool is(std::size_t at, char wanted) const { return at < text_.size() && text_[at] == wanted; }

    std::size_t over_string(std::size_t at) const {
        if (!is(at, '"')) return nowhere;
        for (std::size_t end = text_.find('"', at + 1); end != nowhere;
             end = text_.find('"', end + 1)) {
            std::size_t escapes = 0;
            while (text_[end - 1 - escapes] == '\\') ++escapes;
            if (escapes % 2 == 0) return end + 1;
        }
        return nowhere;
    }

    std::size_t over_value(std::size_t at) const {
        if (is(at, '"')) return over_string(at);
        if (is(at, '{') || is(at, '[')) return over_brackets(at);
        const std::size_t end = text_.find_first_of(",}] \t\n\r", at);
        return end == at ? nowhere : end;
    }

private:
    std::size_t over_brackets(std::size_t at) const {
        std::size_t depth = 0;
        for (; at != nowhere; at = text_.find_first_of("\"{}[]", at)) {
            if (text_[at] == '"') {
                at = over_string(at);
                continue;
            }
            if (text_[at] == '{' || text_[at] == '[') {
                ++depth;
            } else if (--depth == 0) {
                return at + 1;
            }
            ++at;
        }
        return nowhere;
    }

    std::string_view text_;
};

}  // namespace

std::optional<Extent> list_extent(std::string_view body, std::string_view name) {
    const Steps steps(body);
    std::optional<Extent> found;
    std::size_t at = steps.over_blanks(0);
    if (!steps.is(at, '{')) return std::nullopt;
    do {
        const std::size_t key = steps.over_blanks(at + 1);
        const std::size_t key_end = steps.over_string(key);
        if (key_end == nowhere) return std::nullopt;
        const std::size_t colon = steps.over_blanks(key_end);
        if (!steps.is(colon, ':')) return std::nullopt;
        const std::size_t begin = steps.over_blanks(colon + 1);
        if (begin == nowhere) return std::nullopt;
        const std::size_t end = steps.over_value(begin);
        if (end == nowhere) return std::nullopt;
        if (body.substr(key + 1, key_end - key - 2) == name) {
            if (found || !steps.is(begin, '[')) return std::nullopt;
            if (steps.is(steps.over_blanks(begin + 1), ']')) return std::nullopt;
            found = Extent{begin, end};
        }
        at = steps.over_blanks(end);
    } while (steps.is(at, ','));
    return steps.is(at, '}') ? found : std::nullopt;
}

}  // namespace runs_agent::runs_server
