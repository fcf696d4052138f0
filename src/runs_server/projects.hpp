// Projects, and a project's runs as a list.
#pragma once

#include "base/clock.hpp"
#include "net/http_message.hpp"
#include "sqlite/database.hpp"

#include <string>

namespace runs_agent::runs_server {

/// Makes the project where it is missing; its name is its id until somebody gives it another.
void ensure_project(sqlite::Database& database, const std::string& id, Time now);
bool project_exists(sqlite::Database& database, const std::string& id);

/// GET /projects
net::HttpResponse list_projects(sqlite::Database& database);
/// GET /projects/{id}
net::HttpResponse get_project(sqlite::Database& database, const std::string& id);

/// GET /projects/{id}/runs: newest first, pages by cursor, filters as docs/embedded-runs-api.md
/// says.
net::HttpResponse list_runs(sqlite::Database& database, const std::string& project_id,
                            const net::Parameters& query, Time now);

}  // namespace runs_agent::runs_server
