// SPDX-License-Identifier: MIT
#include "doctor/here.hpp"

#include "json/reading.hpp"

#include <rapidjson/document.h>

namespace runs_agent::doctor {

namespace {

std::string joined(const std::vector<std::string>& parts, const char* between) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : between) + part;
    return text;
}

std::string how_to_start(const std::string& unit) {
    return unit.empty() ? "start it: runs-agent serve (see docs/deploy.md); where it listens"
                          " elsewhere, say so with --listen or RUNS_AGENT_LISTEN"
                        : "sudo systemctl start runs-agent, and see why it ended: journalctl -u"
                          " runs-agent -n 50";
}

rapidjson::Document parsed(const std::string& body) {
    rapidjson::Document document;
    document.Parse<rapidjson::kParseIterativeFlag>(body.data(), body.size());
    return document;
}

}  // namespace

std::string member_of(const Answered& answer, std::string_view name) {
    const auto document = parsed(answer.body);
    if (document.HasParseError()) return {};
    return std::string(json::text(document, name));
}

Findings judge_settings(const SettingsSeen& seen) {
    Findings found;
    for (const std::string& mistake : seen.mistakes)
        found.push_back(wrong(Check::settings, mistake,
                              "a daemon with these settings does not start",
                              "mend it where the daemon's settings are; runs-agent config check"
                              " says when they are right"));
    for (const auto& [says, cure] : seen.withheld)
        found.push_back(
            seen.service_runs
                ? warning(Check::settings, says, "the service will not start again with it", cure)
                : wrong(Check::settings, says, "the service does not start with it", cure));
    const auto missing = [&](const char* name, const char* why, const char* cure) {
        if (!seen.hidden.empty())
            found.push_back(not_looked_at(
                Check::settings,
                std::string(name) + " is not given to this command; " + seen.hidden, cure));
        else
            found.push_back(wrong(Check::settings, std::string(name) + " is not set", why, cure));
    };
    if (!seen.secret_given)
        missing("GITHUB_WEBHOOK_SECRET",
                "no delivery could be verified, so the daemon does not start",
                "set GITHUB_WEBHOOK_SECRET_FILE to a file with the secret of the"
                " webhook's settings; beside a service, run this as root");
    if (!seen.key_given && seen.needed_perhaps)
        found.push_back(warning(Check::settings, "CURRENTS_API_KEY is not set",
                                "unless the daemon is started with --embedded, it does not start",
                                "set CURRENTS_API_KEY_FILE to a file with a read & write key, or"
                                " start the daemon: it says where its calls go"));
    else if (!seen.key_given && seen.key_needed)
        missing("CURRENTS_API_KEY", "no recorded run can be cancelled",
                "set CURRENTS_API_KEY_FILE to a file with a read & write key; beside"
                " a service, run this as root. With serve --embedded none is needed");
    if (found.empty()) found.push_back(ok(Check::settings, "all of them can be read"));
    return found;
}

Finding judge_policy(const PolicySeen& seen) {
    if (!seen.mistakes.empty())
        return wrong(Check::policy, joined(seen.mistakes, "; "),
                     "a daemon that runs goes on by the policy it has read before; a restart would"
                     " fail",
                     "mend it, ask runs-agent config check, then systemctl reload runs-agent"
                     " (SIGHUP)");
    if (seen.reload_failed)
        return wrong(Check::policy, "the last reload found mistakes",
                     "the policy of before is in force, and a restart would fail",
                     "runs-agent config check names them; mend them and reload");
    if (seen.file.empty())
        return ok(Check::policy, "there is no file; the same settings hold for every run");
    return ok(Check::policy, seen.file + " is right, with " + std::to_string(seen.rules) +
                                 (seen.rules == 1 ? " rule" : " rules"));
}

Finding judge_rule(const RuleSeen& seen) {
    if (seen.ignored)
        return warning(Check::rule, seen.rule + " holds, and ignores its runs",
                       "nothing follows from what this repository sends",
                       "where that is not meant, put a rule for it above that one",
                       seen.repository);
    const std::string does = seen.does.empty() ? "" : ": " + joined(seen.does, "; ");
    return ok(Check::rule, "what holds is " + seen.rule + does, seen.repository);
}

Finding judge_service(const ServiceSeen& seen) {
    if (seen.unit.empty())
        return not_looked_at(Check::service, "no systemd service is installed on this machine");
    if (!seen.systemd)
        return not_looked_at(Check::service,
                             seen.unit + " is there, but this machine is not run by systemd");
    if (seen.processes == 0)
        return wrong(Check::service, seen.unit + " is installed, and no process of it runs",
                     "deliveries are lost as long as no daemon runs",
                     "sudo systemctl enable --now runs-agent; why it ended says journalctl -u"
                     " runs-agent -n 50");
    return ok(Check::service, seen.unit + " runs");
}

bool is_daemon(const Answered& alive) {
    return alive.status == 200 && member_of(alive, "status") == "ok" &&
           !member_of(alive, "version").empty();
}

std::string calls_of(const Answered& alive) {
    return is_daemon(alive) ? member_of(alive, "calls") : std::string();
}

namespace {

/// Of our daemon, which speaks TLS where these settings have no certificate, or the reverse.
Finding judge_other_way(const DaemonSeen& seen) {
    if (seen.tls)
        return warning(
            Check::daemon,
            "the daemon at " + seen.address +
                " speaks plain HTTP, though these settings have a certificate for it",
            "what asks it by https, such as runs-agent health or a proxy, gets no answer",
            "restart the daemon with these settings; where it is to speak plain HTTP,"
            " leave RUNS_AGENT_TLS_CERTIFICATE and RUNS_AGENT_TLS_KEY out of them");
    return warning(
        Check::daemon,
        "the daemon at " + seen.address +
            " speaks TLS, and these settings have no certificate for it",
        "this command asks by them, as does runs-agent health: by plain HTTP it gets no"
        " answer there",
        seen.hidden ? "what " + seen.unit + " gives is root's: run this as root"
                    : "give it the RUNS_AGENT_TLS_CERTIFICATE_FILE and RUNS_AGENT_TLS_KEY_FILE that"
                      " the daemon has; where the daemon is to speak plain HTTP, restart it with"
                      " these settings");
}

/// Of our daemon, which answers.
Findings judge_answer(const DaemonSeen& seen) {
    Findings found;
    if (seen.other_way) found.push_back(judge_other_way(seen));
    const std::string version = member_of(seen.alive, "version");
    if (calls_of(seen.alive) == "nowhere")
        found.push_back(warning(
            Check::daemon, "version " + version + " answers at " + seen.address + ", in a dry run",
            "calls are decided on and recorded, and none is sent: no run is cancelled",
            "where that is not meant, start it without --dry-run"));
    if (!seen.locked.value_or(true) && !seen.database.empty())
        found.push_back(warning(
            Check::daemon, "the daemon at " + seen.address + " does not work on " + seen.database,
            "what is said of the database and what waits in it is not that daemon's",
            "name its database with --database or RUNS_AGENT_DATABASE, or, where this"
            " one is meant, restart the daemon with these settings"));
    if (version != seen.version)
        found.push_back(warning(Check::daemon,
                                "the daemon at " + seen.address + " is version " + version +
                                    ", and this program " + seen.version,
                                "it was not restarted since the program was replaced",
                                "restart the daemon"));
    if (found.empty())
        found.push_back(ok(Check::daemon, "version " + version + " answers at " + seen.address));
    return found;
}

/// Of what does not answer as our daemon does.
Finding judge_no_daemon(const DaemonSeen& seen) {
    if (seen.address.empty())
        return not_looked_at(Check::daemon, "RUNS_AGENT_LISTEN leaves the port to the system",
                             "give the address that the daemon's log shows: --listen"
                             " 127.0.0.1:8080");
    if (seen.elsewhere)
        return not_looked_at(Check::daemon,
                             "none answers at " + seen.address +
                                 ", and nothing of an installation is on this machine",
                             "run this where the daemon runs, or give its address with --listen");
    if (seen.alive.status == 0 && seen.locked.value_or(false))
        return wrong(
            Check::daemon,
            "nothing answers at " + seen.address + ", though a daemon works on this database",
            seen.alive.error,
            "the daemon listens elsewhere (webhooks.listening in its log), or it hangs: see"
            " its log, and give the right address with --listen or RUNS_AGENT_LISTEN");
    if (seen.alive.status == 0)
        return wrong(Check::daemon, "no daemon answers at " + seen.address, seen.alive.error,
                     how_to_start(seen.unit));
    return wrong(Check::daemon,
                 "what answers at " + seen.address +
                     " is not runs-agent (its /healthz: " + std::to_string(seen.alive.status) + ")",
                 "another program has that port",
                 "give the daemon another RUNS_AGENT_LISTEN, or end that program");
}

}  // namespace

Findings judge_daemon(const DaemonSeen& seen) {
    if (!seen.address.empty() && is_daemon(seen.alive)) return judge_answer(seen);
    return {judge_no_daemon(seen)};
}

Finding judge_readiness(const Answered& ready) {
    if (ready.status == 0)
        return not_looked_at(Check::readiness, "/readyz was not answered: " + ready.error);
    if (ready.status == 200) return ok(Check::readiness, "the daemon is able to work");
    std::string reasons;
    const auto document = parsed(ready.body);
    const auto* const of = document.HasParseError() ? nullptr : json::member(document, "checks");
    if (of != nullptr && of->IsObject())
        for (const auto& one : of->GetObject()) {
            const std::string reason(json::text(one.value, "reason"));
            if (reason.empty()) continue;
            reasons += (reasons.empty() ? "" : "; ") + std::string(json::text_of(one.name)) + ": " +
                       reason;
        }
    return wrong(Check::readiness,
                 "the daemon is not able to work: " +
                     (reasons.empty() ? std::to_string(ready.status) : reasons),
                 "what it cannot do waits, or is refused",
                 "mend what it names; the findings below say how");
}

std::string store_fault_of(const Answered& ready) {
    const auto document = parsed(ready.body);
    const auto* const of = document.HasParseError() ? nullptr : json::member(document, "checks");
    const auto* const store = of == nullptr ? nullptr : json::member(*of, "store");
    return store == nullptr ? std::string() : std::string(json::text(*store, "reason"));
}

Finding judge_secret(const SecretSeen& seen) {
    const Answered& signed_one = seen.signed_one;
    if (seen.of == 0)
        return not_looked_at(Check::secret, "this command has no secret to sign with",
                             "beside a service, run it as root");
    if (signed_one.status == 0)
        return not_looked_at(Check::secret, "a signed ping got no answer: " + signed_one.error);
    if (signed_one.status == 200)
        return ok(Check::secret,
                  seen.of == 1 ? "the daemon takes what the secret of these settings signs"
                               : "the daemon takes what each of the " + std::to_string(seen.of) +
                                     " secrets of these settings signs");
    if (signed_one.status == 401)
        return wrong(Check::secret,
                     seen.of == 1
                         ? "the running daemon has another secret than these settings"
                         : "the running daemon does not know secret " + std::to_string(seen.which) +
                               " of the " + std::to_string(seen.of) + " of these settings",
                     "they were changed since it was started, or it is told others",
                     "restart it (a file of GITHUB_WEBHOOK_SECRET_FILE is also read anew on SIGHUP,"
                     " except under systemd), or run this with the daemon's environment");
    return wrong(Check::secret,
                 "a signed ping was answered " + std::to_string(signed_one.status) + ": " +
                     member_of(signed_one, "error"),
                 "deliveries fare no better", "see the daemon's log, delivery.refused");
}

}  // namespace runs_agent::doctor
