// SPDX-License-Identifier: MIT
#include "admin/page/html.hpp"

#include "base/time_text.hpp"
#include "observe/characters.hpp"

#include <algorithm>

namespace runs_agent::admin::page {

namespace {

/// What ends a line of ours or steps on is no harm in HTML; and what joins emoji or chooses their
/// colour neither hides nor turns anything.
bool may_stay(char32_t code) {
    return code == '\n' || code == '\t' || code == 0x200d || code == 0xfe0f;
}

void put_escaped(std::string& out, std::string_view value) {
    while (!value.empty()) {
        const Character character = first_of(value);
        const std::string_view bytes = value.substr(0, character.length);
        value.remove_prefix(character.length);
        if (character.code == '&') {
            out += "&amp;";
        } else if (character.code == '<') {
            out += "&lt;";
        } else if (character.code == '>') {
            out += "&gt;";
        } else if (character.code == '"') {
            out += "&quot;";
        } else if (character.code == '\'') {
            out += "&#39;";
        } else if (is_unfit(character.code) && !may_stay(character.code)) {
            put_escape(out, character.code);
        } else if (character.code == replacement_character) {
            out += "\xef\xbf\xbd";
        } else {
            out += bytes;
        }
    }
}

}  // namespace

Html& Html::text(std::string_view value) {
    put_escaped(out_, value);
    return *this;
}

Html& Html::name(std::string_view value) {
    out_ += "<bdi>";
    put_escaped(out_, value);
    out_ += "</bdi>";
    return *this;
}

Html& Html::number(std::int64_t value) {
    std::string digits = std::to_string(value);
    for (std::ptrdiff_t at = std::ssize(digits) - 3; at > (value < 0 ? 1 : 0); at -= 3)
        digits.insert(static_cast<std::size_t>(at), ",");
    out_ += digits;
    return *this;
}

Html& Html::attribute(std::string_view value) {
    out_ += '"';
    put_escaped(out_, value);
    out_ += '"';
    return *this;
}

Html& Html::time(Time value) {
    const std::string iso = to_iso8601(value);
    std::string shown = iso.substr(0, 19);
    std::ranges::replace(shown, 'T', ' ');
    out_ += R"(<time datetime=")" + iso + R"(">)" + shown + " UTC</time>";
    return *this;
}

Html& Html::ago(Time value, Time now) {
    const auto past = std::max(now - value, std::chrono::milliseconds(0));
    out_ += span_in_words(past) + R"( ago <span class="quiet">)";
    time(value);
    out_ += "</span>";
    return *this;
}

std::string span_in_words(std::chrono::milliseconds span) {
    using namespace std::chrono;
    const auto count = [](auto value, const char* unit) {
        return std::to_string(value.count()) + " " + unit;
    };
    if (span < seconds(1)) return count(span, "ms");
    if (span < seconds(90)) return count(floor<seconds>(span), "s");
    if (span < minutes(90)) return count(floor<minutes>(span), "min");
    if (span < hours(48)) return count(floor<hours>(span), "h");
    return count(floor<days>(span), "d");
}

}  // namespace runs_agent::admin::page
