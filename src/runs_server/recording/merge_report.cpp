// SPDX-License-Identifier: MIT
#include "runs_server/recording/merge_report.hpp"

#include "runs_server/answers/json_text.hpp"
#include "runs_server/recording/spec_stats.hpp"
#include "runs_server/recording/test_list.hpp"

#include <algorithm>

namespace runs_agent::runs_server {

namespace {

using rapidjson::Document;
using rapidjson::Value;

std::int64_t without_name(const Document& tests) {
    std::int64_t with = 0;
    for (const auto& [name, count] : occurrences(tests)) with += count;
    return static_cast<std::int64_t>(tests.Size()) - with;
}

std::set<std::string> names_of(const Document& tests) {
    std::set<std::string> names;
    for (const auto& [name, count] : occurrences(tests)) names.insert(name);
    return names;
}

/// How many of each name there are more than there were.
Occurrences more(Occurrences now, const Occurrences& before) {
    for (const auto& [name, count] : before) now[name] -= count;
    return now;
}

/// Puts both lists' counters, what nobody lists, and what is outstanding in one.
SpecResults made_of(const Document& current, const Document& earlier, const Counters& beyond,
                    const Unnamed& owed) {
    SpecResults results;
    results.counters =
        sum_of(sum_of(count_tests(current), count_tests(earlier)), sum_of(beyond, owed.counters));
    results.tests = {to_json(current), to_json(earlier), owed};
    return results;
}

/// `known` has no stats where nothing was reported since the reset.
Merged merge(const SpecResults& known, const RecordedSpec& reported,
             const std::set<std::string>& machines) {
    const bool first = known.stats_json.empty();
    const Unnamed& owed = known.tests.unnamed;
    const Document whole_part = read_tests(reported.tests_json);
    const Document earlier = read_tests(known.tests.earlier);
    const Document part = that_count(whole_part, earlier);
    Document current = read_tests(known.tests.current);
    const Counters listed = sum_of(count_tests(current), count_tests(earlier));
    const Counters beyond = unlisted(known.counters, sum_of(listed, owed.counters));
    const Counters beyond_part = unlisted(reported.counters, count_tests(whole_part));
    const Occurrences before = occurrences(current);
    const bool new_names = has_new_name(part, before, occurrences(earlier));
    // One that is outstanding is shown, too.
    const auto own_exception = owed.exception_json ? std::nullopt : known.exception_json;

    bool news = add_tests(current, part);
    const Document left = remaining_tests(earlier, more(occurrences(current), before));
    Unnamed still = after_report(owed, {machines, names_of(current), new_names, left.Empty(),
                                        tests_in(beyond_part) + without_name(part)});
    news = news || first || to_text(still) != to_text(owed) ||
           (reported.exception_json && !own_exception) || beyond_part.failures > beyond.failures;
    if (!news) return {known, false};

    const auto exception = own_exception ? own_exception : reported.exception_json;
    if (exception) still.exception_json.reset();  // that one is shown, and set aside the next time
    SpecResults results = made_of(current, left, sum_of(beyond, beyond_part), still);
    results.stats_json =
        joined_stats(first ? "{}" : known.stats_json, reported.stats_json, results.counters);
    results.exception_json = exception ? exception : still.exception_json;
    results.failed = results.counters.failures > 0 || results.exception_json;
    return {std::move(results), true};
}

}  // namespace

SpecResults first_report(const KnownTests& known, const RecordedSpec& reported,
                         const std::set<std::string>& machines) {
    if (known.earlier == "[]" && !known.unnamed.outstanding())
        return {reported.counters,
                reported.stats_json,
                reported.exception_json,
                reported.failed,
                {reported.tests_json, "[]"}};
    SpecResults before =
        made_of(Document(rapidjson::kArrayType), read_tests(known.earlier), {}, known.unnamed);
    before.exception_json = known.unnamed.exception_json;
    return merge(before, reported, machines).results;
}

Merged merge_report(const SpecResults& known, const RecordedSpec& reported,
                    const std::set<std::string>& machines) {
    return merge(known, reported, machines);
}

SpecResults as_before(const KnownTests& known, const RecordedSpec& again) {
    SpecResults results =
        made_of(Document(rapidjson::kArrayType), read_tests(known.earlier), {}, known.unnamed);
    results.stats_json = joined_stats("{}", again.stats_json, results.counters);
    results.exception_json = known.unnamed.exception_json;
    results.failed = results.counters.failures > 0 || results.exception_json;
    return results;
}

KnownTests set_aside(const KnownTests& known) {
    return {"[]", to_json(with_names(read_tests(all_tests(known))))};
}

KnownTests set_aside(const SpecResults& known) {
    KnownTests kept = set_aside(known.tests);
    kept.unnamed = known.tests.unnamed;
    kept.unnamed.counters =
        kept_unnamed(unlisted(known.counters, count_tests(read_tests(kept.earlier))));
    kept.unnamed.exception_json = known.exception_json;
    return kept;
}

bool failed_before(const KnownTests& known) {
    return known.unnamed.outstanding() || count_tests(read_tests(known.earlier)).failures > 0;
}

std::optional<std::set<std::string>> beside_unnamed_failure(const RecordedSpec& reported) {
    if (!reported.exception_json && reported.counters.failures == 0) return std::nullopt;
    const Document tests = with_names(read_tests(reported.tests_json));
    if (!reported.exception_json && unlisted(reported.counters, count_tests(tests)).failures == 0)
        return std::nullopt;
    return names_of(tests);
}

std::string all_tests(const KnownTests& known) {
    if (known.earlier == "[]") return known.current;
    if (known.current == "[]") return known.earlier;
    return known.current.substr(0, known.current.size() - 1) + "," + known.earlier.substr(1);
}

std::set<std::string> test_ids(const KnownTests& known) {
    const Document all = read_tests(all_tests(known));
    std::set<std::string> ids;
    for (const Value& test : all.GetArray())
        if (std::string id = text(&test, "testId"); !id.empty()) ids.insert(std::move(id));
    return ids;
}

}  // namespace runs_agent::runs_server
