// SPDX-License-Identifier: MIT
#include "agent/action/told/try_again.hpp"

#include "runs_api/meaning.hpp"

namespace runs_agent::agent::action {

bool is_tried_again(int status) {
    return status <= 504 && runs_api::meaning_of(status, "") == runs_api::Meaning::later;
}

std::string_view advice_on_trouble(int status) {
    if (is_tried_again(status))
        return "; it was tried for as long as a step may take, run it again later";
    return status >= 500 ? "; run the step again once the service is well" : "";
}

}  // namespace runs_agent::agent::action
