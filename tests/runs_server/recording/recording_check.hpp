// SPDX-License-Identifier: MIT
// What the Runs API shows of a run, held against what is true of it.
#pragma once

#include "tests/runs_server/recording/recording_model.hpp"

#include <rapidjson/document.h>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace runs_agent::runs_server::tests {

inline std::string spec_name(int spec) {
    return "s" + std::to_string(spec) + ".spec.ts";
}

struct ShownSpec {
    bool complete = false;
    std::int64_t failures = 0;
};

inline rapidjson::Document parsed(const std::string& text) {
    rapidjson::Document document;
    document.Parse(text.c_str());
    return document;
}

inline std::map<std::string, ShownSpec> specs_of(const rapidjson::Document& run) {
    std::map<std::string, ShownSpec> specs;
    for (const auto& spec : run["specs"].GetArray()) {
        ShownSpec& shown = specs[spec["spec"].GetString()];
        shown.complete = !spec["completedAt"].IsNull();
        if (shown.complete) shown.failures = spec["results"]["stats"]["failures"].GetInt64();
    }
    return specs;
}

class Comparison {
public:
    std::vector<std::string> breaches;

    void compare(const std::vector<SpecTruth>& truths, bool by_id, const rapidjson::Document& run,
                 const rapidjson::Document& last) {
        const std::string completion = run["completionState"].GetString();
        const std::string status = run["status"].GetString();
        const bool over = completion != "IN_PROGRESS";
        const auto specs = specs_of(run);
        bool all_complete = !specs.empty();
        for (int number = 0; number < static_cast<int>(truths.size()); ++number) {
            const auto found = specs.find(spec_name(number));
            const bool is_known = found != specs.end();
            const bool complete = is_known && found->second.complete;
            const SpecTruth& truth = truths[static_cast<std::size_t>(number)];
            all_complete = all_complete && (complete || !is_known);
            if (truth.reported() && !complete) breach(spec_name(number) + " is not complete");
            if (complete) compare_spec(number, truth, found->second.failures);
            // One that was reset waits for its results, as long as the run goes on.
            if (complete || over) add(truth);
        }
        if (all_complete != (completion == "COMPLETE") && completion != "CANCELED")
            breach("the run is " + completion);
        const bool shows = status == "FAILED" || status == "FAILING";
        if (fails_ && !shows) breach("a failure was lost: " + status);
        if (shows && !may_fail_) breach("a healthy run is " + status);
        if ((status == "PASSED" || status == "FAILED") != over) breach("it is " + status);
        compare_groups(run);
        compare_last(last, shows, completion == "COMPLETE" && !skips_, by_id);
    }

private:
    void add(const SpecTruth& truth) {
        fails_ = fails_ || truth.failed();
        may_fail_ = may_fail_ || truth.failures() > 0 || truth.vague;
        skips_ = skips_ || truth.has_skipped();
        to_run_.merge(truth.to_run_again());
    }

    void compare_spec(int number, const SpecTruth& truth, std::int64_t failures) {
        failures_ += failures;
        if (failures < truth.least_failures() || (!truth.vague && failures != truth.failures()))
            breach(spec_name(number) + " shows " + std::to_string(failures) + " failures, not " +
                   std::to_string(truth.failures()) + " (at least " +
                   std::to_string(truth.least_failures()) + ")");
    }

    void compare_groups(const rapidjson::Document& run) {
        std::int64_t sum = 0;
        for (const auto& group : run["groups"].GetArray())
            sum += group["tests"]["failures"].GetInt64();
        if (sum != failures_) breach("the groups count " + std::to_string(sum) + " failures");
    }

    void compare_last(const rapidjson::Document& last, bool failed, bool may_pass, bool by_id) {
        std::set<std::string> listed;
        for (const auto& id : last["failedTests"].GetArray()) listed.insert(id.GetString());
        if (by_id && listed != to_run_)
            breach("failedTests has" + joined(listed) + ", not" + joined(to_run_));
        const std::string status = last["status"].GetString();
        if (failed != (status == "failed")) breach("pwLastRun is " + status);
        if (status == "passed" && !may_pass) breach("pwLastRun is passed");
    }

    static std::string joined(const std::set<std::string>& texts) {
        std::string all;
        for (const std::string& text : texts) all += " " + text;
        return all;
    }

    void breach(const std::string& what) { breaches.push_back(what); }

    bool fails_ = false;     // in truth, of what is shown
    bool may_fail_ = false;  // by the rule, or where more may be shown
    bool skips_ = false;
    std::int64_t failures_ = 0;
    std::set<std::string> to_run_;
};

/// What is wrong with that; nothing, where all is well.
inline std::vector<std::string> compare(const std::vector<SpecTruth>& truths, bool by_id,
                                        const rapidjson::Document& run,
                                        const rapidjson::Document& last) {
    Comparison comparison;
    comparison.compare(truths, by_id, run, last);
    return comparison.breaches;
}

}  // namespace runs_agent::runs_server::tests
