// SPDX-License-Identifier: MIT
#include "base/host_name.hpp"

#include "base/text.hpp"

namespace runs_agent {

std::string host_name(std::string_view told) {
    // Of an IPv6 address, only what comes after its brackets is a port.
    const auto colon = told.rfind(':');
    const auto first = told.find(':');
    const bool has_port = colon != std::string_view::npos &&
                          (first == colon || (colon > 0 && told[colon - 1] == ']'));
    std::string_view name = has_port ? told.substr(0, colon) : told;
    std::string_view port = has_port ? told.substr(colon) : std::string_view();
    if (port == ":" || port == ":80" || port == ":443") port = {};
    while (name.ends_with('.')) name.remove_suffix(1);
    return lower(std::string(name) + std::string(port));
}

bool is_host_character(char c) {
    return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_' || c == ':';
}

}  // namespace runs_agent
