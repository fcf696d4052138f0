// SPDX-License-Identifier: MIT
#include "runs_api/pages.hpp"

namespace runs_agent::runs_api {

bool Pages::take(const Document& page) {
    ++taken_;
    if (!page.has_more()) return false;
    next_ = page.last_cursor();
    if (next_.empty())
        cut_short_ = "the service says that there are more, but not where";
    else if (!seen_.insert(next_).second)
        cut_short_ = "the service gives the same page again and again";
    else if (taken_ >= most_)
        cut_short_ = "there are more than are read";
    return cut_short_.empty();
}

}  // namespace runs_agent::runs_api
