// SPDX-License-Identifier: MIT
#include "runs_server/runs/list_runs.hpp"

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "runs_server/answers/json_text.hpp"
#include "runs_server/answers/page.hpp"
#include "runs_server/recording/pull_request.hpp"
#include "runs_server/runs/run_json.hpp"
#include "runs_server/setup/projects.hpp"

#include <algorithm>

namespace runs_agent::runs_server {

using sqlite::Database;

namespace {

/// What a list was asked for. Several values of one filter mean any of them, except for tags.
struct RunFilter {
    Page page;
    std::optional<std::int64_t> before;  // seq
    std::optional<std::int64_t> after;
    std::vector<std::string> branches;
    std::vector<std::string> authors;
    std::vector<std::string> environments;
    std::vector<std::string> tags;
    bool all_tags = true;
    std::vector<std::string> statuses;
    std::vector<std::string> completion_states;
    std::optional<Time> from;
    std::optional<Time> until;
    std::string pull_request;
    std::string search;
};

bool contains(const std::vector<std::string>& list, std::string_view text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

std::string read_cursor(const std::string& name, const std::string& text,
                        std::optional<std::int64_t>& seq) {
    if (text.empty()) return {};
    seq = parse_number<std::int64_t>(text);
    return seq ? "" : name + " must be the cursor of a run, as a list gave it";
}

std::string read_time(const std::string& name, const std::string& text, std::optional<Time>& time) {
    // A date alone is its beginning, and as the end of a time its end.
    const char* const moment = name == "date_end" ? "T23:59:59.999Z" : "T00:00:00Z";
    constexpr std::size_t minutes = 16;  // of 2026-01-31T10:00
    time = parse_iso8601(text.size() == 10 ? text + moment : text);
    if (!time) time = parse_iso8601(text + "Z");  // without a zone it is UTC
    if (!time && text.size() >= minutes) {
        std::string exact = text;
        exact.insert(minutes, ":00");
        time = parse_iso8601(exact);
        if (!time) time = parse_iso8601(exact + "Z");
    }
    return time ? "" : name + " must be a time such as 2026-01-31T00:00:00Z";
}

/// One parameter; returns what is wrong with it. Lists come as name[] or, from some, as name.
std::string read_parameter(std::string name, const std::string& value, RunFilter& filter) {
    if (value.empty()) return {};  // as if it were not there
    if (name.ends_with("[]")) name.resize(name.size() - 2);
    if (name == "branches" || name == "branch") {
        filter.branches.push_back(value);
    } else if (name == "authors") {
        filter.authors.push_back(value);
    } else if (name == "environments") {
        filter.environments.push_back(value);
    } else if (name == "tags") {
        filter.tags.push_back(value);
    } else if (name == "tag_operator") {
        if (value != "AND" && value != "OR") return "tag_operator must be AND or OR";
        filter.all_tags = value == "AND";
    } else if (name == "status") {
        if (!runs_api::parse_run_status(value))
            return "status must be RUNNING, FAILING, PASSED or FAILED";
        filter.statuses.push_back(value);
    } else if (name == "completion_state") {
        if (!runs_api::parse_completion_state(value))
            return "completion_state must be IN_PROGRESS, COMPLETE, CANCELED or TIMEOUT";
        filter.completion_states.push_back(value);
    } else if (name == "search") {
        const auto begins_character = [](char c) {
            return (static_cast<unsigned char>(c) & 0xc0U) != 0x80;  // UTF-8
        };
        if (std::count_if(value.begin(), value.end(), begins_character) > 200)
            return "search must be at most 200 characters";
        filter.search = value;
    } else if (name == "pr_id") {
        filter.pull_request = value;
    } else if (name == "date_start") {
        return read_time(name, value, filter.from);
    } else if (name == "date_end") {
        return read_time(name, value, filter.until);
    }
    return {};
}

std::string read_filter(const net::Parameters& query, RunFilter& filter) {
    std::string wrong = read_page(query, filter.page);
    if (wrong.empty())
        wrong = read_cursor("starting_after", filter.page.starting_after, filter.before);
    if (wrong.empty())
        wrong = read_cursor("ending_before", filter.page.ending_before, filter.after);
    for (const auto& [name, value] : query)
        if (wrong.empty()) wrong = read_parameter(name, value, filter);
    return wrong;
}

bool fits_tags(const RunFilter& filter, const RunRow& run) {
    if (filter.tags.empty()) return true;
    const auto own = texts_of(run.tags_json);
    const auto has = [&own](const std::string& tag) { return own.contains(tag); };
    return filter.all_tags ? std::all_of(filter.tags.begin(), filter.tags.end(), has)
                           : std::any_of(filter.tags.begin(), filter.tags.end(), has);
}

bool fits_author(const RunFilter& filter, const rapidjson::Document& commit) {
    return filter.authors.empty() || contains(filter.authors, text(&commit, "authorName")) ||
           contains(filter.authors, text(&commit, "authorEmail"));
}

/// Is any of its groups tested in any of these? Source: "Environments", docs.currents.dev.
bool fits_environments(const RunFilter& filter, const RunRow& run, Database& database) {
    if (filter.environments.empty()) return true;
    sqlite::Statement rows = database.prepare(
        "SELECT environment FROM groups WHERE run_id = ? AND environment IS NOT NULL");
    rows.bind(run.id);
    while (rows.step())
        if (contains(filter.environments, rows.text(0))) return true;
    return false;
}

/// Of all its groups.
std::set<std::string> browsers_of(Database& database, const std::string& run_id) {
    sqlite::Statement rows = database.prepare("SELECT platform_json FROM groups WHERE run_id = ?");
    rows.bind(run_id);
    std::set<std::string> browsers;
    while (rows.step()) {
        rapidjson::Document platform;
        if (parse_object(rows.text(0), platform).empty())
            browsers.insert(text(&platform, "browserName"));
    }
    return browsers;
}

/// Whether any of the texts that the service's `search` looks through holds what was asked for.
bool fits_search(const RunFilter& filter, const RunRow& run, const rapidjson::Document& commit,
                 Database& database) {
    if (filter.search.empty()) return true;
    const auto found = [&](std::string_view text) {
        return contains_ignoring_case(text, filter.search);
    };
    for (const char* name : {"message", "sha", "authorName", "authorEmail"})
        if (found(text(&commit, name))) return true;
    if (found(run.ci_build_id) || found(run.branch) || found(run.pull_request)) return true;
    const auto tags = texts_of(run.tags_json);
    if (std::any_of(tags.begin(), tags.end(), found)) return true;
    rapidjson::Document framework;
    parse_object(run.framework_json, framework);
    if (found(text(&framework, "type"))) return true;
    const auto browsers = browsers_of(database, run.id);
    return std::any_of(browsers.begin(), browsers.end(), found);
}

bool fits_texts(const RunFilter& filter, const RunRow& run, Database& database) {
    if (filter.authors.empty() && filter.search.empty()) return true;
    rapidjson::Document commit;
    parse_object(run.commit_json, commit);
    return fits_author(filter, commit) && fits_search(filter, run, commit, database);
}

bool fits(const RunFilter& filter, const RunRow& run, Database& database, Time now) {
    if (!filter.branches.empty() && !contains(filter.branches, run.branch)) return false;
    if (filter.from && run.facts.created_at < *filter.from) return false;
    if (filter.until && run.facts.created_at > *filter.until) return false;
    if (!filter.pull_request.empty() && !is_pull_request(filter.pull_request, run.pull_request))
        return false;
    const RunState state = run_state_of(run.facts, now);
    if (!filter.statuses.empty() && !contains(filter.statuses, runs_api::to_string(state.status)))
        return false;
    if (!filter.completion_states.empty() &&
        !contains(filter.completion_states, runs_api::to_string(state.completion)))
        return false;
    return fits_tags(filter, run) && fits_environments(filter, run, database) &&
           fits_texts(filter, run, database);
}

/// Up to `wanted` runs that fit, nearest to the cursor first, read in steps, so that a filter does
/// not load every run at once.
std::vector<RunRow> collect(Database& database, const std::string& project_id, RunFilter filter,
                            std::size_t wanted, Time now) {
    constexpr int step = 200;
    std::vector<RunRow> found;
    for (;;) {
        std::vector<RunRow> rows = filter.after
                                       ? runs_after(database, project_id, *filter.after, step)
                                       : runs_before(database, project_id, filter.before, step);
        for (RunRow& row : rows) {
            (filter.after ? filter.after : filter.before) = row.seq;
            if (fits(filter, row, database, now)) found.push_back(std::move(row));
            if (found.size() == wanted) return found;
        }
        if (rows.size() < static_cast<std::size_t>(step)) return found;
    }
}

}  // namespace

net::HttpResponse list_runs(Database& database, const std::string& project_id,
                            const net::Parameters& query, Time now) {
    if (!project_exists(database, project_id)) return failed(404, "Project not found");
    RunFilter filter;
    if (const std::string wrong = read_filter(query, filter); !wrong.empty())
        return failed(400, wrong);
    const auto limit = static_cast<std::size_t>(filter.page.limit);
    std::vector<RunRow> runs = collect(database, project_id, filter, limit + 1, now);
    const bool more = runs.size() > limit;
    if (more) runs.pop_back();
    if (filter.after) std::reverse(runs.begin(), runs.end());

    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartArray();
    for (const RunRow& run : runs) {
        json.StartObject();
        put_run(json, run, now);
        put_groups(json, database, run);
        put(json, "cursor", std::to_string(run.seq));
        json.EndObject();
    }
    json.EndArray();
    return ok_list({buffer.GetString(), buffer.GetSize()}, more);
}

}  // namespace runs_agent::runs_server
