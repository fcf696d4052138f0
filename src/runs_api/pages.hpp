// SPDX-License-Identifier: MIT
// Follows a list of the Runs API from page to page. What is not on the pages that were read may
// exist all the same, unless the end was seen: so the end is never guessed.
#pragma once

#include "runs_api/types.hpp"

#include <set>
#include <string>
#include <string_view>

namespace runs_agent::runs_api {

class Pages {
public:
    /// `most`: how many are read at most, as a list may grow while it is read.
    explicit Pages(int most) : most_(most) {}

    /// Takes in the page that was just read. True: there is another, see next().
    [[nodiscard]] bool take(const Document& page);

    /// The cursor of the page to be asked for; empty: the first.
    const std::string& next() const { return next_; }

    /// Why the list was not read to its end; empty: it was, as far as it is known.
    std::string_view cut_short() const { return cut_short_; }

private:
    int most_;
    int taken_ = 0;
    std::string next_;
    std::set<std::string> seen_;  // cursors
    std::string_view cut_short_;
};

}  // namespace runs_agent::runs_api
