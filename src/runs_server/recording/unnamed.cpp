// SPDX-License-Identifier: MIT
#include "runs_server/recording/unnamed.hpp"

#include "runs_server/answers/json_text.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace runs_agent::runs_server {

namespace {

constexpr std::array members{
    std::pair{"overall", &Counters::overall},   std::pair{"passes", &Counters::passes},
    std::pair{"failures", &Counters::failures}, std::pair{"pending", &Counters::pending},
    std::pair{"skipped", &Counters::skipped},   std::pair{"flaky", &Counters::flaky},
    std::pair{"retries", &Counters::retries}};

std::int64_t outcomes(const Counters& counters) {
    return counters.passes + counters.failures + counters.pending + counters.skipped;
}

/// Takes `tests` of them away, failures last.
Counters without(Counters counters, std::int64_t tests) {
    std::int64_t others = tests_in(counters) - outcomes(counters);
    for (std::int64_t* const counter :
         {&others, &counters.passes, &counters.pending, &counters.skipped, &counters.failures}) {
        const std::int64_t gone = std::min(*counter, tests);
        *counter -= gone;
        tests -= gone;
    }
    counters.overall = others + outcomes(counters);
    counters.flaky = std::min(counters.flaky, counters.passes);
    return kept_unnamed(counters);
}

}  // namespace

std::int64_t tests_in(const Counters& counters) {
    return std::max(counters.overall, outcomes(counters));
}

Counters kept_unnamed(const Counters& counters) {
    return counters.failures > 0 ? counters : Counters();
}

Unnamed after_report(Unnamed owed, const LaterReport& answer) {
    if (!owed.outstanding()) return owed;
    owed.counters = without(owed.counters, answer.unnamed);
    bool new_names = answer.new_names;
    for (auto owner = owed.owners.begin(); owner != owed.owners.end();) {
        const auto& [machine, names] = *owner;
        bool answered = false;
        if (!names.empty()) {
            answered =
                std::includes(answer.names.begin(), answer.names.end(), names.begin(), names.end());
        } else if (answer.all_again && (owed.sole || answer.machines.contains(machine))) {
            answered = true;
        } else {
            answered = std::exchange(new_names, false);  // one machine's part is one's
        }
        owner = answered ? owed.owners.erase(owner) : std::next(owner);
    }
    return owed.owners.empty() || !owed.outstanding() ? Unnamed() : owed;
}

std::string to_text(const Unnamed& owed) {
    if (!owed.outstanding() && owed.owners.empty()) return {};
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    for (const auto& [name, counter] : members) put(json, name, owed.counters.*counter);
    put_raw(json, "exception", owed.exception_json.value_or("null"));
    json.Key("owners");
    json.StartObject();
    for (const auto& [machine, listed] : owed.owners)
        put_raw(json, machine.c_str(), to_json(listed));
    json.EndObject();
    json.Key("sole");
    json.Bool(owed.sole);
    json.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

Unnamed unnamed_of(const std::string& text) {
    Unnamed owed;
    if (text.empty()) return owed;
    rapidjson::Document document;
    document.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
    for (const auto& [name, counter] : members)
        owed.counters.*counter = number(&document, name).value_or(0);
    const rapidjson::Value* const exception = member(&document, "exception");
    if (exception != nullptr && !exception->IsNull()) owed.exception_json = to_json(*exception);
    const rapidjson::Value* const owners = member(&document, "owners");
    if (owners != nullptr && owners->IsObject())
        for (const auto& owner : owners->GetObject())
            owed.owners.emplace(json::text_of(owner.name), texts(&owner.value));
    const rapidjson::Value* const sole = member(&document, "sole");
    owed.sole = sole != nullptr && sole->IsTrue();
    return owed;
}

}  // namespace runs_agent::runs_server
