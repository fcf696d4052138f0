// SPDX-License-Identifier: MIT
#include "decide/glob.hpp"

#include "decide/text.hpp"

#include <algorithm>

namespace runs_agent::decide {

namespace {

/// In UTF-8, every byte of a character but its first.
bool continues_character(char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) == 0x80;
}

bool is_same(char a, char b) {
    return a == b;
}

bool is_same_letter(char a, char b) {
    return lower(a) == lower(b);
}

template <class Same>
bool matches(std::string_view glob, std::string_view text, Same same) {
    // The last star seen takes one more character each time what follows it does not fit. An
    // earlier star never needs another try: what it could take, the later one can take as well.
    std::size_t g = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t taken = 0;
    while (t < text.size()) {
        if (g < glob.size() && glob[g] == '*') {
            star = g++;
            taken = t;
        } else if (g < glob.size() && glob[g] == '?') {
            ++g;
            ++t;
            while (t < text.size() && continues_character(text[t])) ++t;
        } else if (g < glob.size() && same(glob[g], text[t])) {
            ++g;
            ++t;
        } else if (star != std::string_view::npos) {
            g = star + 1;
            t = ++taken;
        } else {
            return false;
        }
    }
    while (g < glob.size() && glob[g] == '*') ++g;
    return g == glob.size();
}

}  // namespace

bool glob_matches(std::string_view glob, std::string_view text) {
    return matches(glob, text, is_same);
}

bool glob_matches_name(std::string_view glob, std::string_view text) {
    return matches(glob, text, is_same_letter);
}

bool any_glob_matches(const std::vector<std::string>& globs, std::string_view text) {
    return std::any_of(globs.begin(), globs.end(),
                       [text](const std::string& glob) { return glob_matches(glob, text); });
}

}  // namespace runs_agent::decide
