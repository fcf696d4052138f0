// SPDX-License-Identifier: MIT
// Payloads as GitHub would send them, made from a few values: for `send`, the demo and tests.
#pragma once

#include "base/error.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace runs_agent::webhooks {

/// What a sample says; what is left as it is gets a sensible value.
struct Sample {
    std::string event = "workflow_run";  // or ping, workflow_job
    std::string action = "completed";
    std::string conclusion = "cancelled";  // only of a completed run
    std::string repository = "octo/demo";
    std::string head_repository;  // empty: the same
    std::string workflow = "e2e";
    std::string branch = "main";
    std::string run_event = "push";  // what triggered the workflow
    std::string actor = "octocat";
    std::int64_t run_id = 1001;
    int run_attempt = 1;
    std::int64_t run_number = 7;
};

/// The payload as JSON. Errc::bad_input for an event that no sample is known for.
Result<std::string> make_payload(const Sample& sample, Time now);

}  // namespace runs_agent::webhooks
