// SPDX-License-Identifier: MIT
#include "doctor/api_side.hpp"

#include <algorithm>

namespace runs_agent::doctor {

namespace {

constexpr const char* nothing_cancelled = "no recorded run can be cancelled";

bool answered(const ApiSeen& seen) {
    return seen.status >= 200 && seen.status < 300;
}

}  // namespace

Finding judge_api_key(const ApiSeen& seen) {
    if (seen.own && seen.own_is_guessed)
        return not_looked_at(Check::api_key,
                             "there is no key, and whether calls go to the Runs API of this program"
                             " (serve --embedded) cannot be told while no daemon answers",
                             "start the daemon, or set CURRENTS_API_KEY_FILE");
    if (seen.own)
        return ok(Check::api_key,
                  "calls go to the Runs API of this program, with a key of its own");
    if (!seen.key_given)
        return not_looked_at(Check::api_key, "there is no key to try",
                             "set CURRENTS_API_KEY_FILE; beside a service, run this as root");
    if (seen.key_fault)
        return wrong(Check::api_key, seen.words, nothing_cancelled,
                     "put the key alone into the file of CURRENTS_API_KEY_FILE");
    if (answered(seen))
        return ok(Check::api_key, seen.address +
                                      " takes it for reading; whether it may write shows with the"
                                      " first call (held calls)");
    if (seen.status == 401)
        return wrong(Check::api_key, seen.address + " refuses it (401): " + seen.words,
                     nothing_cancelled,
                     "put a read & write key of the organization into the file of"
                     " CURRENTS_API_KEY_FILE; it is read anew within a second, under systemd at a"
                     " restart");
    if (seen.status == 403)
        return wrong(Check::api_key, seen.address + " does not let it read (403): " + seen.words,
                     nothing_cancelled, "use a read & write key of the right organization");
    if (seen.status == 404)
        return wrong(Check::api_key, seen.address + " has no /projects (404)",
                     "that is not the Runs API", "CURRENTS_API_URL must end in /v1");
    if (seen.status >= 300 && seen.status < 400)
        return wrong(Check::api_key,
                     seen.address + " answers " + std::to_string(seen.status) + ", a redirect",
                     "no redirect is followed, so nothing can be asked of the Runs API",
                     "put the address that it leads to into CURRENTS_API_URL: https, and /v1 at its"
                     " end");
    if (seen.status == 0)
        return wrong(Check::api_key, seen.words, "nothing can be asked of the Runs API",
                     "see CURRENTS_API_URL, the network and HTTPS_PROXY");
    return warning(Check::api_key,
                   seen.address + " answers " + std::to_string(seen.status) + ": " + seen.words,
                   "calls wait, and are tried again for a day",
                   "where it lasts, ask the service's status page");
}

Findings judge_projects(const ApiSeen& seen, const std::vector<std::string>& named) {
    if (named.empty())
        return {ok(Check::projects, "none is named; calls go to every project that the key sees")};
    if (!answered(seen) || seen.own)
        return {not_looked_at(Check::projects,
                              seen.own ? "they are those of this program's Runs API"
                                       : "the Runs API could not be asked which there are")};
    Findings found;
    for (const std::string& id : named) {
        if (std::ranges::find(seen.projects, id) != seen.projects.end()) continue;
        if (seen.more)
            found.push_back(not_looked_at(
                Check::projects, "it was not among the projects that were looked at", "", id));
        else
            found.push_back(wrong(Check::projects, "the key sees no project of that id",
                                  "calls for it end as dead letters",
                                  "mend project_id in the policy or CURRENTS_PROJECT_ID, or use a"
                                  " key of the organization that has it",
                                  id));
    }
    if (found.empty())
        found.push_back(ok(Check::projects, named.size() == 1
                                                ? named.front() + " is there"
                                                : "all " + std::to_string(named.size()) +
                                                      " that are named are there"));
    return found;
}

}  // namespace runs_agent::doctor
