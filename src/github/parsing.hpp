// SPDX-License-Identifier: MIT
// How the text of GitHub's answers becomes JSON. For .cpp files, since it brings RapidJSON along.
#pragma once

#include "base/error.hpp"

#include <rapidjson/document.h>

#include <string>
#include <string_view>

namespace runs_agent::github {

/// Errc::network where it is no JSON: then it is not GitHub that answered.
Result<rapidjson::Document> parse_answer(const std::string& body);

/// Errc::bad_input: an answer holds no `what`.
Error lacks(std::string_view what);

}  // namespace runs_agent::github
