#include "base/text.hpp"

#include <algorithm>

namespace runs_agent {

namespace {

bool same_letter(char a, char b) {
    return lower(a) == lower(b);
}

}  // namespace

bool contains_ignoring_case(std::string_view text, std::string_view part) {
    return std::search(text.begin(), text.end(), part.begin(), part.end(), same_letter) !=
           text.end();
}

}  // namespace runs_agent
