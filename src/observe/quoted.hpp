// Text from anywhere as a JSON string that is also safe on a terminal.
#pragma once

#include <string>
#include <string_view>

namespace runs_agent {

/// `text` in double quotes. Besides what JSON wants escaped (RFC 8259 section 7), DEL, the C1
/// controls, line separators and changes of the writing direction are, and each byte that is no
/// UTF-8 becomes U+FFFD: nobody can end a line, draw on a terminal or break the JSON with it.
std::string quoted_for_log(std::string_view text);

}  // namespace runs_agent
