// SPDX-License-Identifier: MIT
#include "decide/suggestion.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace runs_agent::decide {

namespace {

/// Levenshtein's distance: insertions, deletions and replacements that turn one into the other.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row[b.size()];
}

}  // namespace

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
    std::string_view best;
    std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
    if (word.size() > 64) return {};
    for (const std::string_view candidate : candidates) {
        const std::size_t found = distance(word, candidate);
        if (found >= least) continue;
        least = found;
        best = candidate;
    }
    return best.empty() ? std::string() : "; did you mean \"" + std::string(best) + "\"?";
}

}  // namespace runs_agent::decide
