// SPDX-License-Identifier: MIT
#include "doctor/finding.hpp"

#include "base/time_text.hpp"
#include "json/writing.hpp"
#include "observe/printable.hpp"

#include <algorithm>
#include <array>

namespace runs_agent::doctor {

namespace {

struct Named {
    Check check;
    std::string_view name;
    std::string_view title;
};

constexpr std::array checks{
    Named{Check::settings, "settings", "Settings"},
    Named{Check::policy, "policy", "Policy"},
    Named{Check::rule, "rule", "The rule that applies"},
    Named{Check::service, "service", "Service"},
    Named{Check::daemon, "daemon", "Daemon"},
    Named{Check::readiness, "readiness", "Readiness"},
    Named{Check::secret, "secret", "The daemon's secret"},
    Named{Check::address, "address", "Public address"},
    Named{Check::certificate, "certificate", "Certificate"},
    Named{Check::way, "way", "The way to the daemon"},
    Named{Check::signatures, "signatures", "Signatures"},
    Named{Check::github, "github", "Access to GitHub"},
    Named{Check::permissions, "permissions", "Permissions"},
    Named{Check::installations, "installations", "Installations"},
    Named{Check::hook, "hook", "Webhook"},
    Named{Check::hook_log, "hook_log", "GitHub's delivery log"},
    Named{Check::silence, "silence", "Silent webhook"},
    Named{Check::api_key, "api_key", "API key"},
    Named{Check::projects, "projects", "Projects"},
    Named{Check::held_calls, "held_calls", "Held calls"},
    Named{Check::database, "database", "Database"},
    Named{Check::disk, "disk", "Disk"},
    Named{Check::backlog, "backlog", "Backlog"},
    Named{Check::dead_letters, "dead_letters", "Dead letters"},
    Named{Check::clock, "clock", "Clock"},
};

const Named& named(Check check) {
    const auto found = std::ranges::find(checks, check, &Named::check);
    return found == checks.end() ? checks.front() : *found;
}

Finding make(Check check, Verdict verdict, std::string says, std::string why, std::string cure,
             std::string of) {
    return {check, verdict, std::move(says), std::move(why), std::move(cure), std::move(of)};
}

void put_line(std::string& text, std::string_view head, std::string_view value) {
    if (value.empty()) return;
    text += "               " + std::string(head) + std::string(6 - head.size(), ' ') +
            printable(value) + "\n";
}

void put_finding(std::string& text, const Finding& finding) {
    std::string word(finding.verdict == Verdict::not_looked_at ? "not looked at"
                                                               : to_string(finding.verdict));
    word.resize(15, ' ');
    text += word + std::string(title_of(finding.check));
    if (!finding.of.empty()) text += " (" + printable(finding.of) + ")";
    text += ": " + printable(finding.says) + "\n";
    put_line(text, "why", finding.why);
    put_line(text, "cure", finding.cure);
}

std::string counted(int count, const char* one, const char* many) {
    return std::to_string(count) + (count == 1 ? one : many);
}

}  // namespace

std::string_view to_string(Verdict verdict) {
    switch (verdict) {
        case Verdict::ok:
            return "ok";
        case Verdict::warning:
            return "warning";
        case Verdict::wrong:
            return "wrong";
        case Verdict::not_looked_at:
            break;
    }
    return "not_looked_at";
}

std::string_view to_string(Check check) {
    return named(check).name;
}

std::string_view title_of(Check check) {
    return named(check).title;
}

Finding ok(Check check, std::string says, std::string of) {
    return make(check, Verdict::ok, std::move(says), "", "", std::move(of));
}

Finding warning(Check check, std::string says, std::string why, std::string cure, std::string of) {
    return make(check, Verdict::warning, std::move(says), std::move(why), std::move(cure),
                std::move(of));
}

Finding wrong(Check check, std::string says, std::string why, std::string cure, std::string of) {
    return make(check, Verdict::wrong, std::move(says), std::move(why), std::move(cure),
                std::move(of));
}

Finding not_looked_at(Check check, std::string says, std::string cure, std::string of) {
    return make(check, Verdict::not_looked_at, std::move(says), "", std::move(cure), std::move(of));
}

Tally tally_of(const Findings& findings) {
    Tally tally;
    for (const Finding& finding : findings) {
        tally.ok += finding.verdict == Verdict::ok ? 1 : 0;
        tally.warnings += finding.verdict == Verdict::warning ? 1 : 0;
        tally.wrong += finding.verdict == Verdict::wrong ? 1 : 0;
        tally.not_looked_at += finding.verdict == Verdict::not_looked_at ? 1 : 0;
    }
    return tally;
}

std::string in_words(const Tally& tally) {
    return std::to_string(tally.wrong) + " wrong, " +
           counted(tally.warnings, " warning, ", " warnings, ") + std::to_string(tally.ok) +
           " ok, " + std::to_string(tally.not_looked_at) + " not looked at";
}

void put_in_order(Findings& findings) {
    // By insertion, which leaves equal ones as they are: there are some dozens.
    for (std::size_t i = 1; i < findings.size(); ++i)
        for (std::size_t j = i; j > 0 && findings[j].check < findings[j - 1].check; --j)
            std::swap(findings[j], findings[j - 1]);
}

std::string to_json(const Findings& findings, Time at, std::string_view version,
                    bool still_asking) {
    const Tally tally = tally_of(findings);
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
    json.StartObject();
    json::put(json, "at", to_iso8601(at));
    json::put(json, "version", version);
    json::put(json, "verdict", tally.wrong > 0 ? "wrong" : tally.warnings > 0 ? "warning" : "ok");
    json.Key("still_asking");
    json.Bool(still_asking);
    json.Key("counts");
    json.StartObject();
    json.Key("ok");
    json.Int(tally.ok);
    json.Key("warning");
    json.Int(tally.warnings);
    json.Key("wrong");
    json.Int(tally.wrong);
    json.Key("not_looked_at");
    json.Int(tally.not_looked_at);
    json.EndObject();
    json.Key("findings");
    json.StartArray();
    for (const Finding& finding : findings) {
        json.StartObject();
        json::put(json, "check", to_string(finding.check));
        json::put_or_null(json, "of", finding.of);
        json::put(json, "title", title_of(finding.check));
        json::put(json, "verdict", to_string(finding.verdict));
        json::put(json, "says", finding.says);
        json::put_or_null(json, "why", finding.why);
        json::put_or_null(json, "cure", finding.cure);
        json.EndObject();
    }
    json.EndArray();
    json.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

std::string to_text(const Findings& findings) {
    std::string text;
    for (const Verdict verdict : by_urgency)
        for (const Finding& finding : findings)
            if (finding.verdict == verdict) put_finding(text, finding);
    return text + "\n" + in_words(tally_of(findings)) + "\n";
}

}  // namespace runs_agent::doctor
