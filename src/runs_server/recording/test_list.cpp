// SPDX-License-Identifier: MIT
#include "runs_server/recording/test_list.hpp"

#include "runs_server/answers/json_text.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

namespace runs_agent::runs_server {

using rapidjson::Document;
using rapidjson::SizeType;
using rapidjson::Value;

namespace {

constexpr std::array all_counters{&Counters::overall, &Counters::passes,  &Counters::failures,
                                  &Counters::pending, &Counters::skipped, &Counters::flaky,
                                  &Counters::retries};

/// Of two results of one test the greater one holds.
int weight(const Value& test) {
    const std::string state = text(&test, "state");
    return state == "failed" ? 2 : state == "skipped" ? 0 : 1;
}

/// How much is lost with a result that is dropped: the greatest stays longest.
int concern(const Value& test) {
    const std::string state = text(&test, "state");
    return state == "failed" ? 2 : state == "skipped" ? 1 : 0;
}

void append(Document& list, const Value& test) {
    list.PushBack(Value(test, list.GetAllocator()), list.GetAllocator());
}

}  // namespace

Document read_tests(const std::string& list) {
    Document document;
    document.Parse<rapidjson::kParseIterativeFlag>(list.data(), list.size());
    if (!document.IsArray()) document.SetArray();
    return document;
}

std::string name_of(const Value& test) {
    if (std::string id = text(&test, "testId"); !id.empty()) return "id " + id;
    const Value* const title = member(&test, "title");
    return title == nullptr || title->IsNull() ? "" : "title " + to_json(*title);
}

Occurrences occurrences(const Value& tests) {
    Occurrences found;
    for (const Value& test : tests.GetArray())
        if (std::string name = name_of(test); !name.empty()) ++found[std::move(name)];
    return found;
}

bool has_new_name(const Value& tests, const Occurrences& one, const Occurrences& other) {
    const auto all = tests.GetArray();
    return std::any_of(all.begin(), all.end(), [&](const Value& test) {
        const std::string name = name_of(test);
        return !name.empty() && !one.contains(name) && !other.contains(name);
    });
}

Counters count_tests(const Value& tests) {
    Counters sum;
    for (const Value& test : tests.GetArray()) {
        if (!test.IsObject()) continue;
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

Counters sum_of(Counters one, const Counters& other) {
    for (const auto counter : all_counters) one.*counter += other.*counter;
    return one;
}

Counters unlisted(Counters counters, const Counters& listed) {
    for (const auto counter : all_counters)
        counters.*counter = std::max(counters.*counter - listed.*counter, std::int64_t{0});
    return counters;
}

bool add_tests(Document& current, const Document& reported) {
    std::map<std::string, std::vector<SizeType>> places;
    for (SizeType i = 0; i < current.Size(); ++i) places[name_of(current[i])].push_back(i);
    std::map<std::string, std::size_t> seen;
    bool news = false;
    for (const Value& test : reported.GetArray()) {
        const std::string name = name_of(test);
        if (name.empty()) {
            news = news || weight(test) == 2;
            append(current, test);
            continue;
        }
        const auto& known = places[name];
        const std::size_t n = seen[name]++;
        if (n >= known.size()) {
            news = true;
            append(current, test);
        } else if (weight(test) > weight(current[known[n]])) {
            news = true;
            current[known[n]].CopyFrom(test, current.GetAllocator());
        }
    }
    return news;
}

Document remaining_tests(const Document& tests, Occurrences again) {
    std::vector<bool> gone(tests.Size());
    for (const int level : {0, 1, 2})
        for (SizeType i = 0; i < tests.Size(); ++i) {
            if (concern(tests[i]) != level) continue;
            const auto found = again.find(name_of(tests[i]));
            if (found == again.end() || found->second <= 0) continue;
            --found->second;
            gone[i] = true;
        }
    Document left(rapidjson::kArrayType);
    for (SizeType i = 0; i < tests.Size(); ++i)
        if (!gone[i]) append(left, tests[i]);
    return left;
}

Document that_count(const Document& tests, const Document& before) {
    std::set<std::string> failed;
    for (const Value& test : before.GetArray())
        if (text(&test, "state") == "failed") failed.insert(name_of(test));
    failed.erase("");  // nobody knows which they are
    Document counting(rapidjson::kArrayType);
    for (const Value& test : tests.GetArray()) {
        const std::string state = text(&test, "state");
        const bool ran = state == "passed" || state == "failed";
        if (ran || !failed.contains(name_of(test))) append(counting, test);
    }
    return counting;
}

Document with_names(const Document& tests) {
    Document kept(rapidjson::kArrayType);
    for (const Value& test : tests.GetArray())
        if (!name_of(test).empty()) append(kept, test);
    return kept;
}

}  // namespace runs_agent::runs_server
