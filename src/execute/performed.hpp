// SPDX-License-Identifier: MIT
// What came of performing a call. Internal to execute/.
#pragma once

#include "execute/answer.hpp"
#include "github/github.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runs_agent::execute {

struct Performed {
    Reply reply;
    std::string log;                    // each request and its answer, for `deliveries show`
    std::optional<std::int64_t> specs;  // that were opened again; absent: it is no reset
};

/// What an answer of GitHub's, or the lack of one, is to the table.
template <class Value>
Reply to_reply(const Result<github::Answer<Value>>& answer) {
    if (answer.has_error()) return reply_of(answer.error());
    Reply reply;
    reply.status = answer->status;
    reply.text = answer->message;
    reply.retry_after = answer->retry_after;
    return reply;
}

/// " is of HOST, and GITHUB_API_URL names ANOTHER", to go behind the name of the call's workflow
/// run; empty: it is of the host that `github` asks.
std::string of_another_host(const store::Call& call, const github::GitHub& github);

/// "PUT /runs/4f2a/cancel: 200, run 4f2a"
std::string describe(std::string_view request, const Reply& reply);

/// Nothing was sent, and nothing needs to be.
Performed nothing_to_do(std::string why);

}  // namespace runs_agent::execute
