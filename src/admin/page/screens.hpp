// SPDX-License-Identifier: MIT
// The screens: what each shows, and the functions that make HTML of it. They ask nobody anything.
#pragma once

#include "admin/json.hpp"
#include "admin/page/frame.hpp"
#include "decide/policy.hpp"
#include "doctor/finding.hpp"
#include "store/store.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace runs_agent::admin::page {

struct Overview {
    std::vector<store::Counts> hours;  // the last 24, the oldest first
    store::Backlog backlog;
    std::optional<Time> paused_until;       // the Runs API asks to be left alone
    std::string store_fault;                // why the store cannot be written; empty: it can
    doctor::Findings wrong;                 // what the set-up's checks found to be
    bool checking = false;                  // services have yet to answer these checks
    std::vector<store::DeliveryRow> needy;  // dead and held, the newest first
    std::vector<store::DeliveryRow> newest;
    std::vector<store::HandRecord> acts;
    std::chrono::milliseconds uptime{0};
    std::string policy_file;
    bool own_api = false;  // calls go to the embedded Runs API
};
std::string overview(const Frame& frame, const Overview& shown);

struct Deliveries {
    std::string filter;
    std::string fault;  // what is wrong with it
    store::DeliveryPage page;
    bool first = true;  // no cursor
};
std::string deliveries(const Frame& frame, const Deliveries& shown);

/// Asks before something is done to several.
struct Confirmation {
    store::ByHand by;
    std::string filter;            // all that it fits, or
    std::vector<std::string> ids;  // those that were chosen
    store::HandOutcome outcome;    // what would become of it
};
std::string confirmation(const Frame& frame, const Confirmation& shown);

struct Delivery {
    store::DeliveryDetail detail;
    std::vector<store::HandRecord> acts;
    std::optional<decide::Decision> now;  // what a replay would be decided as
    std::vector<std::string> does;        // in words, what the policy of today does with its run
};
std::string delivery(const Frame& frame, const Delivery& shown);
std::string payload(const Frame& frame, std::string_view guid,
                    const std::optional<std::string>& body);

struct Run {
    RunStory story;
    std::string recorded;  // the address of the recorded run below the root; empty: none is known
};
std::string run(const Frame& frame, const Run& shown);

struct RecordedRow {
    std::string id;
    std::string project;
    std::string status;
    std::string ci_build_id;
    std::string branch;
    std::string message;
    std::string created_at;
};
struct Finding {
    std::string text;                                       // what was looked for
    std::string fault;                                      // why it was not found
    std::vector<std::pair<std::string, std::string>> runs;  // repository · workflow, address
    std::vector<RecordedRow> recorded;                      // the newest recorded runs
};
std::string runs(const Frame& frame, const Finding& shown);

struct Setting {
    std::string name;
    std::string value;  // secrets masked
};
struct Setup {
    std::vector<Setting> settings;
    std::vector<store::HeardHook> hooks;
    std::vector<std::pair<std::string, std::string>> listeners;  // what, address
    doctor::Report report;
    // Which rule holds for this:
    std::string repository;
    std::string workflow;
    std::string branch;
    std::string rule;  // "rule 2 (policy.yml:12)"; empty: it was not asked
    std::vector<std::string> does;
};
std::string setup(const Frame& frame, const Setup& shown);

/// "rule 2 (policy.yml:12)", "the defaults", for a repository, workflow and branch; and in words
/// what its settings do.
std::string rule_in_words(const decide::Policy& policy, const decide::Policy::Match& match,
                          const std::string& file);
std::vector<std::string> settings_in_words(const decide::Settings& settings);

}  // namespace runs_agent::admin::page
