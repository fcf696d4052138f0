// SPDX-License-Identifier: MIT
// "Did you mean …?" for names that people mistype.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace runs_agent::decide {

/// `; did you mean "x"?` where a candidate is close to the word, else nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace runs_agent::decide
