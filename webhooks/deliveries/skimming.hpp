// SPDX-License-Identifier: MIT
// The quick way through a payload: most of it is passed over, eight letters at a time, and only
// what is wanted is looked at. For .cpp files, since it brings RapidJSON along.
#pragma once

#include <rapidjson/document.h>

#include <string_view>

namespace runs_agent::webhooks {

/// Puts an object's wanted members (wanted_members.hpp) into `document`, whose strings then point
/// into the text. False where it is in any doubt, of a fault, of something rare such as an escape
/// in what is wanted, or of a nesting that is deep: then what is in `document` means nothing, and
/// the whole parser decides. Where it has none, that one has nothing to say against the text,
/// either.
bool skim(std::string_view text, rapidjson::Document& document);

}  // namespace runs_agent::webhooks
