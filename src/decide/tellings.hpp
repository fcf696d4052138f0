// SPDX-License-Identifier: MIT
// What an attempt was told to be at some time, kept for its newest lives (attempt.hpp): when they
// began, and in which words they ended, can hang on more than the last that was told. A handful of
// each is kept, and the same ones in whatever order they are told.
#pragma once

#include "decide/facts.hpp"

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace runs_agent::decide {

struct Telling {
    Time at{};               // updated_at; of an end it may be 0: not told
    std::string conclusion;  // of an end; empty: it went on then

    auto operator<=>(const Telling&) const = default;
};

/// The earliest first.
using Tellings = std::vector<Telling>;

/// How many are kept of beginnings, and of conclusions: the latest. GitHub tells two beginnings of
/// a life, and has nine conclusions, of which a life has one or two.
constexpr std::size_t max_tellings = 8;

/// Keeps each time at which it went on once, and of each conclusion the latest end.
void note_telling(Tellings& tellings, Telling told);
void forget_beginnings_until(Tellings& tellings, Time at);
void forget_ends(Tellings& tellings);

/// The earliest time, later than `after`, at which it went on; 0: none is known.
Time first_alive_after(const Tellings& tellings, Time after);

/// The form in which a store keeps them: one text, empty where there are none.
std::string to_text(const Tellings& tellings);
/// Reads what to_text wrote. Nothing where it is damaged: the rules do without.
Tellings parse_tellings(std::string_view text);

}  // namespace runs_agent::decide
