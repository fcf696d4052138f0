// SPDX-License-Identifier: MIT
// What a fake GitHub holds, and how its API writes it.
#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace runs_agent::tests {

/// One attempt of a workflow run.
struct FakeRun {
    std::int64_t id = 0;
    int attempt = 1;
    std::int64_t number = 1;
    std::string workflow = "e2e";
    std::string run_name;  // its title, where the workflow has a run-name
    std::int64_t workflow_id = 5'001;
    std::string event = "push";
    std::string branch = "main";
    std::string head_repository;  // not given: the repository itself; "-": it is deleted
    std::string sha = "6dcb09b5b57875f334f61aebed695e2e4193db5e";
    std::string actor = "octocat";
    std::string status = "in_progress";
    std::string conclusion;
    Time created_at{};      // of the run: the same for each attempt
    Time started_at{};      // of the attempt; not given: created_at
    Time updated_at{};      // not given: started_at
    bool is_stuck = false;  // answers a cancel with 202, but ends by a force-cancel only
};

struct FakeRepository {
    std::int64_t id = 0;
    std::string full_name;
    std::string default_branch = "main";
    std::map<std::int64_t, std::vector<FakeRun>> runs;  // by id, the attempts in order
};

/// One entry of a webhook's log.
struct FakeDelivery {
    std::int64_t id = 0;
    std::string guid;
    std::string event = "workflow_run";
    std::string action = "completed";
    std::string payload = "{}";  // JSON
    Time delivered_at{};
    int status_code = 202;  // what was answered; 0: nothing
    bool redelivery = false;
};

/// "octo" of "octo/shop".
std::string owner_of(const std::string& repository);

std::string to_json(const FakeRepository& repository);
std::string to_json(const FakeRepository& repository, const FakeRun& run);
/// As the log lists it, or with what was sent.
std::string to_json(const FakeDelivery& delivery, bool with_request);
/// {"message":…,"documentation_url":…,"status":…}
std::string failure_json(int status, const std::string& message);

}  // namespace runs_agent::tests
