// SPDX-License-Identifier: MIT
#include "execute/performed.hpp"

namespace runs_agent::execute {

std::string of_another_host(const store::Call& call, const github::GitHub& github) {
    if (call.planned.run.host == github.host()) return {};
    return " is of " + call.planned.run.host + ", and GITHUB_API_URL names " + github.host();
}

std::string describe(std::string_view request, const Reply& reply) {
    std::string text(request);
    text += ": ";
    if (reply.kind == Reply::Kind::answered) text += std::to_string(reply.status);
    if (!reply.text.empty()) {
        if (reply.kind == Reply::Kind::answered) text += ' ';
        text += reply.text;
    }
    if (!reply.run_id.empty()) text += ", run " + reply.run_id;
    return text;
}

Performed nothing_to_do(std::string why) {
    Performed performed;
    performed.reply.kind = Reply::Kind::nothing_to_do;
    performed.reply.text = std::move(why);
    return performed;
}

}  // namespace runs_agent::execute
