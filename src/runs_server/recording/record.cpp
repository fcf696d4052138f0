// SPDX-License-Identifier: MIT
#include "runs_server/recording/record.hpp"

#include "base/encoding.hpp"
#include "runs_server/answers/json_text.hpp"
#include "runs_server/recording/cancellation.hpp"
#include "runs_server/recording/make_run.hpp"
#include "runs_server/recording/record_request.hpp"
#include "runs_server/recording/record_spec.hpp"
#include "runs_server/recording/reports.hpp"
#include "runs_server/recording/rows.hpp"
#include "runs_server/recording/verdict.hpp"
#include "runs_server/setup/keys.hpp"
#include "runs_server/setup/projects.hpp"

namespace runs_agent::runs_server {

using runs_api::CompletionState;
using sqlite::Database;

namespace {

/// What a request asks of a run, compared with what the run knows.
struct Asked {
    bool finishes = false;      // results of any spec
    bool begins = false;        // a spec without results
    bool new_work = false;      // a spec that is not known, or results that tell of anything new
    bool fails = false;         // a failure that was not said before
    bool announces = false;     // a suite,
    bool known_suite = false;   // and the run knows all of it
    bool done_already = false;  // what is known, and was not said by this machine in just this way
    std::string failed_spec;    // of what is done already: one that a reset lets run again,
    std::string failed_on;      // and of which machine it must be
};

void compare(Database& database, const RunRow& run, const RecordRequest& request,
             const RecordedSpec& recorded, Asked& asked) {
    (recorded.finished ? asked.finishes : asked.begins) = true;
    const SpecNovelty found = novelty_of(database, run.id, request.machine_id, recorded);
    if (found.novelty == Novelty::repeated) return;
    asked.fails = asked.fails || (recorded.finished && recorded.failed);
    if (found.novelty != Novelty::known) {
        asked.new_work = true;
        return;
    }
    asked.done_already = true;
    if (found.failed_on.empty() || !asked.failed_on.empty()) return;
    asked.failed_spec = recorded.spec;
    asked.failed_on = found.failed_on;
}

Asked compare(Database& database, const RunRow& run, const RecordRequest& request) {
    Asked asked;
    asked.announces = asked.known_suite = !request.suite.empty();
    for (const PlannedSpec& planned : request.suite) {
        const Novelty novelty = novelty_of(database, run.id, planned);
        if (novelty != Novelty::known) asked.known_suite = false;
        if (novelty == Novelty::new_spec) asked.new_work = true;
    }
    for (const RecordedSpec& recorded : request.instances)
        compare(database, run, request, recorded, asked);
    return asked;
}

/// The same results sent a second time (a reporter's retry) are taken by any run, and change
/// nothing. Official reporters send no more after a refusal: so a machine that is at work in the
/// run, or announces that it is about to be, is not refused for a batch of what is known, as others
/// may follow it.
Told told_by(const Asked& asked, bool at_work) {
    Told told;
    told.begins = asked.begins;
    told.results = asked.finishes;
    told.failure = asked.fails;
    told.counts = asked.done_already || asked.new_work || asked.announces;
    told.again = !at_work && !asked.new_work && asked.done_already;
    return told;
}

/// Why a run in that state has refused it.
std::string refusal(CompletionState state, const Asked& asked) {
    if (state == CompletionState::canceled) return "Run is cancelled";
    if (state == CompletionState::timeout)
        return "Run timed out: a reset lets it go on (with any machineId, also one that it does"
               " not know), or record under another CI build id";
    return asked.failed_on.empty()
               ? "Run is complete, and this has passed in it: record under another CI build id"
               : "Run is complete: reset machine " + asked.failed_on + " to run " +
                     asked.failed_spec + " again, or record under another CI build id";
}

std::string_view code_of(CompletionState state) {
    if (state == CompletionState::canceled) return run_cancelled;
    return state == CompletionState::timeout ? run_expired : run_complete;
}

/// A run that is complete has nothing for a machine to do whose whole suite it knows.
std::string nothing_to_do(const RunRow& run) {
    std::string text =
        "Run is complete: of what is recorded now, it takes tests and failures that it does not"
        " know. ";
    if (run.facts.specs_failed > 0)
        text += "To run failed specs again, reset their machines first. ";
    return text + "For a run of its own, record under another CI build id";
}

void add_groups(Database& database, const RunRow& run, const RecordRequest& request) {
    for (const PlannedGroup& group : request.groups)
        add_group(database, run.id, group, request.platform_json);
    for (const RecordedSpec& recorded : request.instances)
        add_group(database, run.id, {recorded.group, "[]"}, request.platform_json);
    if (request.groups.empty() && request.instances.empty())
        add_group(database, run.id, {request.group, "[]"}, request.platform_json);
}

void put_artifacts(Json& json, const std::vector<ExpectedArtifact>& artifacts,
                   const ArtifactUrls& urls, Time now) {
    json.Key("artifactUploadUrls");
    json.StartArray();
    for (const ExpectedArtifact& artifact : artifacts) {
        json.StartObject();
        put(json, "artifactId", artifact.id);
        put(json, "path", artifact.path);
        put(json, "uploadUrl", urls.of("PUT", artifact.id, now));
        put(json, "readUrl", urls.of("GET", artifact.id, now));
        json.EndObject();
    }
    json.EndArray();
}

/// Without the envelope that every other answer has: reporters read these members at the top.
std::string answer(const RunRow& run, const RecordRequest& request, bool is_new,
                   const Recorded& recorded, const ArtifactUrls& urls, Time now) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    const std::string url = urls.base_url + "/runs/" + run.id;
    json.StartObject();
    put_joined(json, run, request, is_new, recorded.warnings, url);
    put(json, "dashboardUrl", url);
    put_cancellation(json, run);
    put_artifacts(json, recorded.artifacts, urls, now);
    json.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace

net::HttpResponse record(Database& database, std::string body, const ArtifactUrls& urls, Time now) {
    const Sha256 batch = sha256(body);
    rapidjson::Document root;
    if (const std::string wrong = parse_in_place(body, root); !wrong.empty())
        return failed(400, wrong);
    // Looked at before, without a tree (request_body.hpp); it may have been revoked since.
    if (!find_key(database, KeyKind::record, text(&root, "recordKey")))
        return failed(401, "Invalid record key provided");
    auto read = read_record_request(root);
    if (const auto* wrong = std::get_if<std::string>(&read)) return failed(400, *wrong);
    auto& request = std::get<RecordRequest>(read);
    if (!project_exists(database, request.project_id)) return failed(404, "Project not found");

    if (request.ci_build_id.empty()) request.ci_build_id = random_hex(8);
    // A reporter that names no machine and sends its batch again is the same machine again; which
    // batches are one reporter's, nobody can tell.
    const bool is_named = !request.machine_id.empty();
    if (!is_named) request.machine_id = to_hex(batch).substr(0, 12);
    auto run = find_by_build_id(database, request.project_id, request.ci_build_id);
    const bool is_new = !run;
    if (!run) run = make_run(database, request, now);
    const CompletionState before = run_state_of(run->facts, now).completion;
    const bool goes_on = before == CompletionState::in_progress;
    const Asked asked = goes_on ? Asked() : compare(database, *run, request);
    const bool at_work =
        asked.announces || !is_named || is_at_work(database, run->id, request.machine_id);
    if (verdict_on(before, told_by(asked, at_work)) == Verdict::refuse)
        return refused(code_of(before), refusal(before, asked));

    if (is_named) record_reporter(database, run->id, request.machine_id);
    add_groups(database, *run, request);
    for (const PlannedSpec& planned : request.suite) plan_spec(database, run->id, planned);
    const bool may_begin = before != CompletionState::canceled;
    Recorded recorded =
        record_specs(database, run->id, request.machine_id, request.instances, may_begin, now);
    if (before == CompletionState::complete && asked.known_suite && request.instances.empty())
        recorded.warnings.push_back(nothing_to_do(*run));
    // A run that had ended before ends no later because a reporter repeats itself.
    // Late results of one that was cancelled while it went on may complete it.
    const bool unfinished = run->facts.specs_complete < run->facts.specs;
    const bool late = before == CompletionState::canceled && asked.finishes && unfinished;
    // One that timed out is opened by a reset alone.
    const bool timed_out = before == CompletionState::timeout;
    if (goes_on || late || (asked.new_work && !timed_out)) mark_active(database, run->id, now);
    return net::json_response(200, answer(*run, request, is_new, recorded, urls, now));
}

}  // namespace runs_agent::runs_server
