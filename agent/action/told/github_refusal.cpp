// SPDX-License-Identifier: MIT
#include "agent/action/told/github_refusal.hpp"

#include "agent/action/told/try_again.hpp"

namespace runs_agent::agent::action {

std::string github_advice(int status, const std::string& permission) {
    if (status == 401) return "; check github-token (GITHUB_TOKEN)";
    if (status == 403 || status == 404)
        return "; the token needs the permission " + permission +
               ": give it to the job under `permissions:`";
    return std::string(advice_on_trouble(status));
}

Error github_refused(const std::string& asked, int status, const std::string& words) {
    return fail(Errc::refused, "could not " + asked + ": GitHub answered " +
                                   std::to_string(status) + (words.empty() ? "" : " " + words) +
                                   github_advice(status, "actions: read"));
}

}  // namespace runs_agent::agent::action
