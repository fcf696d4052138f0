// Text from outside, made fit for a log line and a terminal.
#pragma once

#include <string>
#include <string_view>

namespace runs_agent::runs_api {

/// `text` with control characters (C0, DEL, C1) and runs of spaces as one space, broken UTF-8 as
/// '?', `secret` as "[secret]", cut to at most 500 bytes.
std::string clean_text(std::string text, std::string_view secret);

}  // namespace runs_agent::runs_api
