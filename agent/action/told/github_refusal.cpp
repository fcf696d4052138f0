// SPDX-License-Identifier: MIT
#include "agent/action/told/github_refusal.hpp"

namespace runs_agent::agent::action {

std::string github_advice(int status, const std::string& permission) {
    if (status == 401) return "; check github-token (GITHUB_TOKEN)";
    if (status == 403 || status == 404)
        return "; the token needs the permission " + permission +
               ": give it to the job under `permissions:`";
    if (status == 429 || status >= 500)
        return "; it was tried for as long as a step may take, run it again later";
    return "";
}

Error github_refused(const std::string& asked, int status, const std::string& words) {
    return fail(Errc::refused, "could not " + asked + ": GitHub answered " +
                                   std::to_string(status) + (words.empty() ? "" : " " + words) +
                                   github_advice(status, "actions: read"));
}

}  // namespace runs_agent::agent::action
