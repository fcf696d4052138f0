// Text from outside, made fit for a log line and a terminal.
#pragma once

#include <string>
#include <string_view>

namespace runs_agent {

/// `text` on one line, without control characters and changes of the writing direction, valid
/// UTF-8, at most 500 bytes, with `secret` as "[secret]".
std::string clean_text(std::string text, std::string_view secret);

}  // namespace runs_agent
