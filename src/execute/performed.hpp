// What came of performing a call. Internal to execute/.
#pragma once

#include "execute/answer.hpp"

#include <string>
#include <string_view>

namespace runs_agent::execute {

struct Performed {
    Reply reply;
    std::string log;  // each request and its answer, for `deliveries show`
};

/// "PUT /runs/4f2a/cancel: 200, run 4f2a"
std::string describe(std::string_view request, const Reply& reply);

/// Nothing was sent, and nothing needs to be.
Performed nothing_to_do(std::string why);

}  // namespace runs_agent::execute
