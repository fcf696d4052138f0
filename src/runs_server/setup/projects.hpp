// SPDX-License-Identifier: MIT
// Projects: what runs belong to.
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"
#include "sqlite/database.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace runs_agent::runs_server {

struct Project {
    std::string id;
    std::string name;
    Time created_at{};
    std::chrono::milliseconds inactivity{0};  // a run without a report for so long is a TIMEOUT
    std::optional<std::string> default_branch;
    std::int64_t fail_fast = 0;  // as many failed tests cancel a run; 0: none do
};

/// What is to be changed of a project; absent: nothing.
struct ProjectChange {
    std::optional<std::string> name;
    std::optional<std::chrono::milliseconds> inactivity;  // 3 min to 12 h
    std::optional<std::string> default_branch;
    std::optional<std::int64_t> fail_fast = {};
};

/// Makes the project where it is missing; its name is its id until somebody gives it another.
void ensure_project(sqlite::Database& database, const std::string& id, Time now);
bool project_exists(sqlite::Database& database, const std::string& id);
void change_project(sqlite::Database& database, const std::string& id, const ProjectChange& change);
std::vector<Project> all_projects(sqlite::Database& database);

/// GET /projects: by id, in pages.
net::HttpResponse list_projects(sqlite::Database& database, const net::Parameters& query);
/// GET /projects/{id}
net::HttpResponse get_project(sqlite::Database& database, const std::string& id);

}  // namespace runs_agent::runs_server
