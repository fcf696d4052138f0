// SPDX-License-Identifier: MIT
// From the text of GitHub's answers to values. Read tolerantly: what is missing or of another type
// is left empty, but an answer without what it is asked for is Errc::bad_input, and one that is not
// JSON Errc::network, for then it is not GitHub that answered.
#pragma once

#include "github/github.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace runs_agent::github {

/// One answer's body, and where the page after it is.
struct Page {
    std::string body;
    std::string next;  // the URL of `rel="next"`; empty: there is none
};

Result<WorkflowRun> read_run(const Page& page);
Result<WorkflowRuns> read_runs(const Page& page);
Result<Repository> read_repository(const Page& page);
Result<Workflow> read_workflow(const Page& page);
Result<DeliveryLog> read_deliveries(const Page& page);
Result<LoggedPayload> read_payload(const Page& page);

/// `id`, of an App's installation.
Result<std::int64_t> read_installation(const Page& page);

struct AccessToken {
    std::string token;
    Time expires_at{};
};
Result<AccessToken> read_access_token(const Page& page);

/// `message` of a failure's body, else its first bytes; cleaned, and with `secret` blotted out.
std::string read_message(std::string_view body, std::string_view secret);

}  // namespace runs_agent::github
