#include "runs_server/merge_report.hpp"

#include "runs_server/json_text.hpp"
#include "runs_server/spec_stats.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace runs_agent::runs_server {

namespace {

using rapidjson::Document;
using rapidjson::SizeType;
using rapidjson::Value;

constexpr std::array all_counters{&Counters::overall, &Counters::passes,  &Counters::failures,
                                  &Counters::pending, &Counters::skipped, &Counters::flaky,
                                  &Counters::retries};

/// A list that this program has written.
Document parse(const std::string& list) {
    Document document;
    document.Parse<rapidjson::kParseIterativeFlag>(list.data(), list.size());
    if (!document.IsArray()) document.SetArray();
    return document;
}

/// By what a test is known again; empty where the reporter gives it no name.
std::string key_of(const Value& test) {
    if (std::string id = text(&test, "testId"); !id.empty()) return "id " + id;
    const Value* const title = member(&test, "title");
    return title == nullptr || title->IsNull() ? "" : "title " + to_json(*title);
}

bool has_failed(const Value& test) {
    return text(&test, "state") == "failed";
}

Counters counted(const Value& tests) {
    Counters sum;
    for (const Value& test : tests.GetArray()) {
        const std::string state = text(&test, "state");
        ++sum.overall;
        sum.passes += state == "passed" ? 1 : 0;
        sum.failures += state == "failed" ? 1 : 0;
        sum.pending += state == "pending" ? 1 : 0;
        sum.skipped += state == "skipped" ? 1 : 0;
        const Value* const flaky = member(&test, "isFlaky");
        sum.flaky += flaky != nullptr && flaky->IsTrue() ? 1 : 0;
        const Value* const attempts = member(&test, "attempts");
        if (attempts != nullptr && attempts->IsArray() && !attempts->Empty())
            sum.retries += attempts->Size() - 1;
    }
    return sum;
}

Counters plus(Counters one, const Counters& other) {
    for (const auto counter : all_counters) one.*counter += other.*counter;
    return one;
}

/// What was counted beyond the tests that are listed.
Counters unlisted(Counters counters, const Counters& listed) {
    for (const auto counter : all_counters)
        counters.*counter = std::max(counters.*counter - listed.*counter, std::int64_t{0});
    return counters;
}

/// Those of `tests` that `others` does not have.
Document without(const Document& tests, const Document& others) {
    std::set<std::string> keys;
    for (const Value& test : others.GetArray()) keys.insert(key_of(test));
    Document rest(rapidjson::kArrayType);
    for (const Value& test : tests.GetArray())
        if (!keys.contains(key_of(test)))
            rest.PushBack(Value(test, rest.GetAllocator()), rest.GetAllocator());
    return rest;
}

/// Adds the reported tests to `current`; says whether there was anything to add.
bool add_tests(Document& current, const Document& reported) {
    std::map<std::string, SizeType> places;
    for (SizeType i = 0; i < current.Size(); ++i) places.emplace(key_of(current[i]), i);
    bool news = false;
    for (const Value& test : reported.GetArray()) {
        const std::string key = key_of(test);
        const auto known = places.find(key);
        Value copy(test, current.GetAllocator());
        if (key.empty() || known == places.end()) {
            news = news || !key.empty() || has_failed(test);
            current.PushBack(copy, current.GetAllocator());
        } else if (has_failed(test) && !has_failed(current[known->second])) {
            news = true;
            current[known->second] = copy;
        }
    }
    return news;
}

std::string joined_stats(const std::string& one, const std::string& other,
                         const Counters& counters) {
    Document first;
    Document second;
    first.Parse(one.data(), one.size());
    second.Parse(other.data(), other.size());
    return stats_json(joined(read_clock(&first), read_clock(&second)), counters);
}

}  // namespace

SpecResults first_report(const KnownTests& known, const RecordedSpec& reported) {
    SpecResults results{reported.counters,
                        reported.stats_json,
                        reported.exception_json,
                        reported.failed,
                        {reported.tests_json, "[]"}};
    if (known.earlier == "[]") return results;
    const Document rest = without(parse(known.earlier), parse(reported.tests_json));
    if (rest.Empty()) return results;
    const Counters sum = counted(rest);
    results.counters = plus(results.counters, sum);
    results.stats_json = joined_stats(reported.stats_json, "{}", results.counters);
    results.failed = results.failed || sum.failures > 0;
    results.tests.earlier = to_json(rest);
    return results;
}

Merged merge_report(const SpecResults& known, const RecordedSpec& reported) {
    const Document part = parse(reported.tests_json);
    const Document earlier = parse(known.tests.earlier);
    Document current = parse(known.tests.current);
    const Counters before = plus(counted(current), counted(earlier));
    const Counters beyond = unlisted(reported.counters, counted(part));
    bool news = add_tests(current, part);
    news = news || (reported.exception_json && !known.exception_json) ||
           (beyond.failures > 0 && !known.failed);
    if (!news) return {known, false};

    const Document rest = without(earlier, current);
    const Counters listed = plus(counted(current), counted(rest));
    SpecResults results;
    results.counters = plus(listed, plus(unlisted(known.counters, before), beyond));
    results.stats_json = joined_stats(known.stats_json, reported.stats_json, results.counters);
    results.exception_json = known.exception_json ? known.exception_json : reported.exception_json;
    results.failed = results.counters.failures > 0 || results.exception_json;
    results.tests = {to_json(current), to_json(rest)};
    return {std::move(results), true};
}

KnownTests set_aside(const KnownTests& known) {
    Document all = parse(all_tests(known));
    Document kept(rapidjson::kArrayType);
    // One without a name could never be found again, and would stay for good.
    for (const Value& test : all.GetArray())
        if (!key_of(test).empty())
            kept.PushBack(Value(test, kept.GetAllocator()), kept.GetAllocator());
    return {"[]", to_json(kept)};
}

std::string all_tests(const KnownTests& known) {
    if (known.earlier == "[]") return known.current;
    if (known.current == "[]") return known.earlier;
    return known.current.substr(0, known.current.size() - 1) + "," + known.earlier.substr(1);
}

std::set<std::string> test_ids(const KnownTests& known) {
    const Document all = parse(all_tests(known));
    std::set<std::string> ids;
    for (const Value& test : all.GetArray())
        if (std::string id = text(&test, "testId"); !id.empty()) ids.insert(std::move(id));
    return ids;
}

}  // namespace runs_agent::runs_server
