// SPDX-License-Identifier: MIT
// What a service has to say, made fit for one of our own sentences.
#pragma once

#include <string>
#include <string_view>

namespace runs_agent {

/// `text` printable (printable.hpp), with one blank where there were several, at most 500 bytes,
/// and with `secret` as "[secret]".
std::string clean_text(std::string text, std::string_view secret);

}  // namespace runs_agent
