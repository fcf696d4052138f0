// SPDX-License-Identifier: MIT
// A project's webhooks: the operations on them, and the rows.
// Source: docs.currents.dev, API, "Webhooks".
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"
#include "runs_server/notifying/hook.hpp"
#include "sqlite/database.hpp"

#include <string>
#include <vector>

namespace runs_agent::runs_server {

/// The oldest first.
std::vector<Hook> hooks_of(sqlite::Database& database, const std::string& project_id);

/// GET /webhooks?projectId=: all of a project.
net::HttpResponse list_hooks(sqlite::Database& database, const net::Parameters& query);
/// POST /webhooks?projectId=
net::HttpResponse make_hook(sqlite::Database& database, const net::Parameters& query,
                            const std::string& body, const HookTargets& targets, Time now);
/// GET /webhooks/{hookId}
net::HttpResponse get_hook(sqlite::Database& database, const std::string& hook_id);
/// PUT /webhooks/{hookId}: what the body leaves out stays as it is. What is still to be sent goes
/// where the hook points by then.
net::HttpResponse change_hook(sqlite::Database& database, const std::string& hook_id,
                              const std::string& body, const HookTargets& targets);
/// DELETE /webhooks/{hookId}: nothing more is sent, nor what waits to be.
net::HttpResponse delete_hook(sqlite::Database& database, const std::string& hook_id);

}  // namespace runs_agent::runs_server
