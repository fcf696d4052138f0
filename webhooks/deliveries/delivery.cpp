#include "webhooks/deliveries/delivery.hpp"

#include <algorithm>

namespace runs_agent::webhooks {

bool is_plain(std::string_view text, std::size_t max) {
    return !text.empty() && text.size() <= max && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    });
}

}  // namespace runs_agent::webhooks
