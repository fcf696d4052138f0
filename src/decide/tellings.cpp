// SPDX-License-Identifier: MIT
#include "decide/tellings.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

namespace runs_agent::decide {

namespace {

bool is_beginning(const Telling& telling) {
    return telling.conclusion.empty();
}

/// A number and the space after it, taken off the front of `text`.
std::optional<std::int64_t> take_number(std::string_view& text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto length = static_cast<std::size_t>(end - text.data());
    if (error != std::errc() || length >= text.size() || text[length] != ' ') return std::nullopt;
    text.remove_prefix(length + 1);
    return number;
}

}  // namespace

void note_telling(Tellings& tellings, Telling told) {
    const bool alive = is_beginning(told);
    const auto same = std::find_if(tellings.begin(), tellings.end(), [&](const Telling& known) {
        return known.conclusion == told.conclusion && (!alive || known.at == told.at);
    });
    if (same != tellings.end()) {
        if (same->at >= told.at) return;
        tellings.erase(same);
    }
    tellings.insert(std::upper_bound(tellings.begin(), tellings.end(), told), told);
    const auto is_of_kind = [alive](const Telling& one) { return is_beginning(one) == alive; };
    if (std::count_if(tellings.begin(), tellings.end(), is_of_kind) >
        static_cast<std::ptrdiff_t>(max_tellings))
        tellings.erase(std::find_if(tellings.begin(), tellings.end(), is_of_kind));
}

void forget_beginnings_until(Tellings& tellings, Time at) {
    std::erase_if(tellings, [at](const Telling& one) { return is_beginning(one) && one.at <= at; });
}

void forget_ends(Tellings& tellings) {
    std::erase_if(tellings, [](const Telling& one) { return !is_beginning(one); });
}

Time first_alive_after(const Tellings& tellings, Time after) {
    const auto found = std::find_if(tellings.begin(), tellings.end(), [after](const Telling& one) {
        return is_beginning(one) && one.at > after;
    });
    return found == tellings.end() ? Time() : found->at;
}

std::string to_text(const Tellings& tellings) {
    std::string text;
    for (const Telling& one : tellings) {
        text += std::to_string(one.at.time_since_epoch().count()) + ' ';
        // The length goes before, so that no conclusion can look like what follows it.
        text += std::to_string(one.conclusion.size()) + ' ' + one.conclusion + '\n';
    }
    return text;
}

Tellings parse_tellings(std::string_view text) {
    Tellings tellings;
    while (!text.empty()) {
        const auto at = take_number(text);
        const auto length = at ? take_number(text) : std::nullopt;
        if (!length || *length < 0 || static_cast<std::size_t>(*length) >= text.size()) return {};
        const auto size = static_cast<std::size_t>(*length);
        if (text[size] != '\n') return {};
        tellings.push_back(
            {Time(std::chrono::milliseconds(*at)), std::string(text.substr(0, size))});
        text.remove_prefix(size + 1);
    }
    return tellings;
}

}  // namespace runs_agent::decide
