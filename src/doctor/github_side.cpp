// SPDX-License-Identifier: MIT
#include "doctor/github_side.hpp"

#include "doctor/url.hpp"

#include <algorithm>

namespace runs_agent::doctor {

namespace {

bool has(const std::vector<std::string>& events, std::string_view event) {
    return std::ranges::any_of(events,
                               [&](const std::string& one) { return one == event || one == "*"; });
}

/// "none" < "read" < "write" < "admin".
int rank(const std::string& permission) {
    if (permission == "admin") return 3;
    if (permission == "write") return 2;
    return permission == "read" ? 1 : 0;
}

std::string granted(const Permissions& permissions, const std::string& name) {
    const auto found = permissions.find(name);
    return found == permissions.end() ? "none" : found->second;
}

std::string wanted_of_actions(const Wanted& wanted) {
    return wanted.cancels_workflows ? "write" : "read";
}

std::string why_actions(const Wanted& wanted) {
    return wanted.cancels_workflows
               ? "superseded.cancel_workflow needs \"Actions: Read and write\", catching up reads"
               : "without it there are no Workflow runs events, and nothing can be caught up with";
}

Finding judge_installation(const Installation& one, const Wanted& wanted) {
    if (one.suspended)
        return wrong(Check::installations, "the App is suspended there",
                     "GitHub sends nothing of its repositories",
                     "an owner of the account unsuspends it: Settings, GitHub Apps, Configure",
                     one.account);
    const std::string have = granted(one.permissions, "actions");
    if (rank(have) < rank(wanted_of_actions(wanted)))
        return wrong(Check::installations,
                     "it grants Actions: " + have + ", wanted is " + wanted_of_actions(wanted),
                     "what the App asks for anew holds once it was accepted there",
                     "an owner of the account accepts the new permissions: Settings, GitHub Apps,"
                     " Configure",
                     one.account);
    return ok(Check::installations, "Actions: " + have, one.account);
}

Finding missing_event(Check check, const char* event, const char* label, const std::string& of) {
    return wrong(check, std::string("the event ") + event + " is not subscribed to",
                 "GitHub does not tell of it, so nothing follows",
                 std::string("choose \"") + label + "\" among its events", of);
}

void judge_events(Findings& found, Check check, const std::vector<std::string>& events,
                  const Wanted& wanted, const std::string& of) {
    if (!has(events, "workflow_run"))
        found.push_back(missing_event(check, "workflow_run", "Workflow runs", of));
    if (wanted.jobs && !has(events, "workflow_job"))
        found.push_back(warning(check, "the event workflow_job is not subscribed to",
                                "the policy names machines or jobs, and runners that die (R6) are"
                                " told of by that event alone",
                                "choose \"Workflow jobs\" among its events", of));
}

std::string events_in_words(const std::vector<std::string>& events) {
    std::string text;
    for (const std::string& one : events) text += (text.empty() ? "" : ", ") + one;
    return text;
}

}  // namespace

std::string in_words(const NotGot& fault) {
    return fault.status == 0 ? fault.words
                             : "GitHub says " + std::to_string(fault.status) + ": " + fault.words;
}

bool is_passing(const NotGot& fault) {
    return fault.limited || fault.status == 429 || fault.status >= 500;
}

std::string cure_of(const NotGot& fault, const char* right) {
    if (is_passing(fault)) return look_later;
    return fault.status == 0 ? "" : right;
}

bool has_no_limits(const NotGot& fault) {
    return fault.status == 404 &&
           fault.words.find("Rate limiting is not enabled") != std::string::npos;
}

bool has_no_hook(const HookSeen& seen) {
    return seen.of_app && (seen.fault ? seen.fault->status == 404 : seen.url.empty());
}

Finding judge_github(const GitHubSeen& seen) {
    if (seen.as == GitHubSeen::As::nobody)
        return not_looked_at(Check::github,
                             "there are no credentials for GitHub, so its side was not looked at",
                             "set GITHUB_TOKEN_FILE, or GITHUB_APP_ID and"
                             " GITHUB_APP_PRIVATE_KEY_FILE; missed deliveries are caught up with"
                             " then, too");
    const bool app = seen.as == GitHubSeen::As::app;
    if (!seen.fault || (!app && has_no_limits(*seen.fault)))
        return ok(Check::github,
                  app ? "GitHub knows the App " + seen.app : "GitHub takes the token");
    if (is_passing(*seen.fault))
        return warning(Check::github, in_words(*seen.fault),
                       "nothing can be asked of GitHub as long as that lasts", look_later);
    if (seen.fault->status == 401)
        return wrong(Check::github, in_words(*seen.fault), "nothing can be asked of GitHub",
                     app ? "GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY must be of one App, and this"
                           " machine's clock right"
                         : "the token has ended or was revoked; put a new one into GITHUB_TOKEN");
    if (seen.fault->status == 0)
        return wrong(Check::github, in_words(*seen.fault), "nothing can be asked of GitHub",
                     "see GITHUB_API_URL, the network and HTTPS_PROXY");
    return wrong(Check::github, in_words(*seen.fault), "nothing can be asked of GitHub",
                 app ? "see that the App is there, and GITHUB_API_URL" : "see GITHUB_API_URL");
}

Findings judge_app(const AppSeen& seen, const Wanted& wanted) {
    Findings found;
    const std::string have = granted(seen.permissions, "actions");
    if (rank(have) < rank(wanted_of_actions(wanted)))
        found.push_back(
            wrong(Check::permissions,
                  "the App asks for Actions: " + have + ", wanted is " + wanted_of_actions(wanted),
                  why_actions(wanted),
                  "the App's settings, Permissions & events, Repository permissions,"
                  " Actions; each installation then accepts it"));
    else
        found.push_back(ok(Check::permissions,
                           "the App asks for Actions: " + have + ", which is what is wanted"));
    if (seen.sends) judge_events(found, Check::hook, seen.events, wanted, "the GitHub App");
    if (!seen.installations) return found;
    if (seen.installations->empty())
        found.push_back(wrong(Check::installations, "the App is installed nowhere",
                              "GitHub sends nothing to it", "install it from the App's page"));
    for (const Installation& one : *seen.installations)
        found.push_back(judge_installation(one, wanted));
    return found;
}

Finding judge_token(const TokenSeen& seen, const Wanted& wanted) {
    if (seen.repository.empty())
        return not_looked_at(Check::permissions,
                             "no repository is known yet that the token could be tried on",
                             "name one: --repository OWNER/NAME");
    if (seen.no_runs && is_passing(*seen.no_runs))
        return not_looked_at(Check::permissions,
                             "the token could not be tried: " + in_words(*seen.no_runs),
                             look_later);
    if (seen.no_runs && seen.no_runs->status != 0)
        return wrong(
            Check::permissions,
            "the token may not read the workflow runs of " + seen.repository + ": " +
                in_words(*seen.no_runs),
            "missed deliveries of it are not found",
            "a fine-grained token needs Actions: Read for it, a classic one the scope repo;"
            " or the repository is gone");
    if (seen.no_runs)
        return not_looked_at(Check::permissions,
                             "the token could not be tried: " + in_words(*seen.no_runs));
    if (wanted.cancels_workflows && !seen.scopes.empty() &&
        seen.scopes.find("repo") == std::string::npos)
        return wrong(
            Check::permissions, "the token has the scopes " + seen.scopes + ", and not repo",
            "superseded.cancel_workflow cannot cancel workflow runs", "add the scope repo");
    if (wanted.cancels_workflows && seen.scopes.empty())
        return ok(Check::permissions,
                  "the token reads workflow runs of " + seen.repository +
                      "; whether it may cancel them (Actions: Read and write) a fine-grained one"
                      " tells only when it does");
    return ok(Check::permissions, "the token reads workflow runs of " + seen.repository);
}

Findings judge_hook(const HookSeen& seen, const std::string& url, const Wanted& wanted) {
    if (has_no_hook(seen) && seen.others_heard)
        return {ok(Check::hook, "it has none; deliveries come from other webhooks", seen.name)};
    if (has_no_hook(seen))
        return {wrong(Check::hook, "it has none, or it is switched off",
                      "GitHub sends nothing for the App",
                      "the App's settings, Webhook: tick Active, and put the address and the secret"
                      " there",
                      seen.name)};
    if (seen.fault && seen.fault->status != 0)
        return {not_looked_at(
            Check::hook, "its settings cannot be read: " + in_words(*seen.fault),
            cure_of(*seen.fault, seen.of_app ? "see the App's settings on GitHub"
                                             : "the right to read webhooks (Webhooks: read, or"
                                               " admin:repo_hook, admin:org_hook) is needed"),
            seen.name)};
    if (seen.fault) return {not_looked_at(Check::hook, in_words(*seen.fault), "", seen.name)};
    Findings found;
    if (!seen.active)
        found.push_back(wrong(Check::hook, "it is switched off", "GitHub sends nothing by it",
                              "tick Active in its settings", seen.name));
    if (!url.empty() && !is_same_place(seen.url, url))
        found.push_back(
            wrong(Check::hook,
                  "its Payload URL is " + shown_url(seen.url) + ", and not " + shown_url(url),
                  "its deliveries go elsewhere", "mend it, or the address that is given here",
                  seen.name));
    if (!seen.url.empty() && seen.url.ends_with('/'))
        found.push_back(wrong(Check::hook, "its Payload URL ends in a slash",
                              "the daemon answers 404 there", "take the slash away", seen.name));
    if (seen.content_type != "json" && seen.content_type != "form" && !seen.content_type.empty())
        found.push_back(wrong(Check::hook, "its content type is " + seen.content_type,
                              "deliveries are answered 415", "choose application/json", seen.name));
    if (!seen.has_secret)
        found.push_back(wrong(Check::hook, "it has no secret", "each delivery is answered 401",
                              "put the one of GITHUB_WEBHOOK_SECRET into its settings", seen.name));
    if (!seen.of_app) judge_events(found, Check::hook, seen.events, wanted, seen.name);
    if (seen.insecure_ssl)
        found.push_back(warning(Check::hook, "SSL verification is off",
                                "whoever is on the way can read its payloads",
                                "switch it on in its settings", seen.name));
    if (!found.empty()) return found;
    const std::string events = seen.events.empty() ? "" : ", sends " + events_in_words(seen.events);
    return {ok(
        Check::hook,
        (seen.of_app ? "it posts to " : "it is active, posts to ") + shown_url(seen.url) + events,
        seen.name)};
}

}  // namespace runs_agent::doctor
