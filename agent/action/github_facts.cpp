#include "agent/action/github_facts.hpp"

#include "webhooks/catch_up_plan.hpp"
#include "webhooks/payload.hpp"

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

Result<decide::WorkflowRun> facts_of(const github::WorkflowRun& run, const std::string& host) {
    github::Repository unsaid;
    unsaid.json = "{}";
    const auto payload = webhooks::Payload::parse(webhooks::make_up(run, unsaid, "", host).payload);
    if (payload.has_error()) return payload.error();
    return payload->workflow_run(host);
}

Result<decide::WorkflowRun> own_facts(const Request& request, const std::string& host,
                                      Result<github::Answer<github::WorkflowRun>> answer) {
    const auto run =
        taken(std::move(answer), "look at workflow run " + request.attempt.github_run_id + " of " +
                                     request.repository);
    if (run.has_error()) return run.error();
    return facts_of(*run, host);
}

}  // namespace runs_agent::agent::action
