// SPDX-License-Identifier: MIT
// The page's style, script and icon, compiled in from the files beside this one.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace runs_agent::admin::page {

struct Asset {
    std::string_view type;  // the media type
    std::shared_ptr<const std::string> content;
    std::shared_ptr<const std::string> packed;  // with gzip
};

/// "style.css", "script.js" or "icon.svg"; null for any other name.
const Asset* find_asset(std::string_view name);

/// Changes with their content, so that they can be kept for long.
std::string asset_version();

}  // namespace runs_agent::admin::page
