// SPDX-License-Identifier: MIT
#include "webhooks/deliveries/delivery.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace runs_agent::webhooks {

bool is_plain(std::string_view text, std::size_t max) {
    return !text.empty() && text.size() <= max && std::all_of(text.begin(), text.end(), [](char c) {
        return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.';
    });
}

}  // namespace runs_agent::webhooks
