// SPDX-License-Identifier: MIT
// The answer of a webhook listener or a health check, for people or for programs.
#pragma once

#include "agent/cli/output.hpp"
#include "net/http_message.hpp"
#include "observe/printable.hpp"

namespace runs_agent::agent {

/// The status and the body on one line; with `json`, the body alone, which should be JSON.
inline void print_answer(const net::HttpResponse& answer, bool json) {
    if (json)
        standard_output().data(answer.body);
    else
        standard_output().text(std::to_string(answer.status) + " " + printable(answer.body) + "\n");
}

}  // namespace runs_agent::agent
