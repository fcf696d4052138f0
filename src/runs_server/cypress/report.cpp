// SPDX-License-Identifier: MIT
#include "runs_server/cypress/report.hpp"

#include "runs_server/answers/json_text.hpp"
#include "runs_server/answers/plain.hpp"
#include "runs_server/cypress/claims.hpp"
#include "runs_server/cypress/read_results.hpp"
#include "runs_server/recording/record_spec.hpp"
#include "runs_server/recording/rows.hpp"
#include "runs_server/recording/spec_progress.hpp"
#include "runs_server/recording/spec_stats.hpp"
#include "runs_server/reporting/gate.hpp"

#include <variant>
#include <vector>

namespace runs_agent::runs_server {

using net::HttpResponse;
using rapidjson::Value;
using sqlite::Database;

namespace {

HttpResponse no_claim() {
    return failed(404, "Instance not found");
}

HttpResponse nothing() {
    return plain_object([](Json&) {});
}

/// Where its files go: as many addresses as it has files, or none.
struct Uploads {
    bool video = false;
    bool coverage = false;
    std::vector<std::string> screenshot_ids;
    std::vector<std::string> artifact_ids;
};

/// `shouldCancel` is false, or why the run was cancelled.
void put_cancel(Json& json, const Gate& gate) {
    json.Key("cloud");
    json.StartObject();
    if (gate.canceled_at) {
        put(json, "shouldCancel", gate.canceled_by + ": " + gate.cancel_reason);
    } else {
        json.Key("shouldCancel");
        json.Bool(false);
    }
    json.EndObject();
}

HttpResponse answer(const Uploads& uploads, const Gate& gate, const ArtifactUrls& urls, Time now) {
    std::size_t at = 0;
    const auto next = [&] { return urls.of("PUT", uploads.artifact_ids.at(at++), now); };
    const auto next_or_null = [&](Json& json, const char* name, bool is_there) {
        put_or_null(json, name, is_there ? std::optional(next()) : std::nullopt);
    };
    return plain_object([&](Json& json) {
        next_or_null(json, "videoUploadUrl", uploads.video);
        next_or_null(json, "coverageUploadUrl", uploads.coverage);
        json.Key("screenshotUploadUrls");
        json.StartArray();
        for (const std::string& id : uploads.screenshot_ids) {
            json.StartObject();
            put(json, "screenshotId", id);
            put(json, "uploadUrl", next());
            json.EndObject();
        }
        json.EndArray();
        put_cancel(json, gate);
    });
}

/// Keeps the results. Files are named where they were taken.
Uploads record(Database& database, const Claim& claim, CypressResults results, Time now) {
    const Recorded recorded =
        record_specs(database, claim.run_id, claim.machine_id, {results.spec}, true, now);
    Uploads uploads;
    if (recorded.artifacts.size() != results.spec.artifacts.size()) return uploads;
    for (const ExpectedArtifact& artifact : recorded.artifacts)
        uploads.artifact_ids.push_back(artifact.id);
    uploads.video = results.video;
    uploads.coverage = results.coverage;
    uploads.screenshot_ids = std::move(results.screenshot_ids);
    return uploads;
}

}  // namespace

HttpResponse take_cypress_tests(Database& database, const std::string& claim_id, std::string body) {
    rapidjson::Document root;
    if (const std::string wrong = parse_in_place(body, root); !wrong.empty())
        return failed(400, wrong);
    if (!find_claim(database, claim_id)) return no_claim();
    told_tests(database, claim_id, named_tests_json(root));
    return nothing();
}

HttpResponse take_cypress_results(Database& database, const std::string& claim_id, std::string body,
                                  bool with_tests, const ArtifactUrls& urls, LogLines& log,
                                  Time now) {
    rapidjson::Document root;
    if (const std::string wrong = parse_in_place(body, root); !wrong.empty())
        return failed(400, wrong);
    const auto claim = find_claim(database, claim_id);
    if (!claim) return no_claim();
    std::string named = claim->tests_json;
    const Value* results = &root;
    if (with_tests) {
        results = member(&root, "results");
        const Value* const tests = member(&root, "tests");
        if (results == nullptr || tests == nullptr)
            return failed(400, "tests and results must be objects");
        named = named_tests_json(*tests);
    }
    auto read = read_cypress_results(*results, named, claim->group, claim->spec);
    if (const auto* wrong = std::get_if<std::string>(&read)) return failed(400, *wrong);
    auto& taken = std::get<CypressResults>(read);

    const Gate gate = *gate_of_spec(database, claim->spec_id);
    Told told;
    told.results = true;
    told.lost = !claim->holds;
    told.failure = taken.spec.failed;
    Judged judged = judge(database, gate, told, now);
    if (judged.refused) return std::move(*judged.refused);
    if (judged.verdict == Verdict::drop) {
        tell_dropped(log, gate, claim->spec_id, claim->machine_id);
        return answer({}, gate, urls, now);
    }
    told_tests(database, claim_id, named);
    const std::int64_t took = read_clock(member(results, "stats")).duration;
    const Uploads uploads = record(database, *claim, std::move(taken), now);
    if (!claim->spec_complete) {
        if (!judged.timed_out) mark_active(database, claim->run_id, now);
        record_duration(database, claim->spec_id, took);
        if (told.failure) count_failure(database, gate, log, now);
    }
    return answer(uploads, *gate_of_spec(database, claim->spec_id), urls, now);
}

HttpResponse take_cypress_stdout(Database& database, const std::string& claim_id, std::string body,
                                 LogLines& log, Time now) {
    rapidjson::Document root;
    if (const std::string wrong = parse_in_place(body, root); !wrong.empty())
        return failed(400, wrong);
    const auto claim = find_claim(database, claim_id);
    if (!claim) return no_claim();
    Told told;
    told.counts = false;
    told.lost = !claim->holds;
    const Gate gate = *gate_of_spec(database, claim->spec_id);
    if (judge(database, gate, told, now).verdict == Verdict::drop) {
        tell_dropped(log, gate, claim->spec_id, claim->machine_id);
        return nothing();
    }
    PlannedArtifact file;
    file.path = file.name = "stdout.txt";
    file.type = "stdout";
    file.content_type = "text/plain";
    file.level = "spec";
    const std::string id =
        expect_artifacts(database, claim->spec_id, claim->machine_id, {file}, now).front();
    const std::string printed = text(&root, "stdout");
    put_artifact(database, id, file.content_type, printed);
    return nothing();
}

}  // namespace runs_agent::runs_server
