// SPDX-License-Identifier: MIT
#include "runs_server/reporting/upload.hpp"

#include "runs_server/answers/json_text.hpp"
#include "runs_server/answers/plain.hpp"
#include "runs_server/reporting/gate.hpp"

namespace runs_agent::runs_server {

using net::HttpResponse;
using rapidjson::Value;
using sqlite::Database;
using sqlite::Statement;

namespace {

struct Place {
    std::string spec_id;
    std::string machine_id;
};

PlannedArtifact read_artifact(const Value& body) {
    PlannedArtifact artifact;
    artifact.type = text(&body, "type");
    artifact.name = text(&body, "name");
    artifact.content_type = safe_media_type(text(&body, "contentType"));
    const std::string file = text(&body, "filename");
    artifact.path = file.empty() ? artifact.name : file;
    // Several of an attempt may have one name, and several machines print of one spec: what tells
    // them apart is the same when the request comes again.
    std::string id = text(&body, "artifactId");
    if (id.empty()) id = std::to_string(number(&body, "_t").value_or(0));
    artifact.path = id + "/" + artifact.path;
    return artifact;
}

HttpResponse expect(Database& database, const Place& place, const PlannedArtifact& artifact,
                    const ArtifactUrls& urls, Time now) {
    const std::string id =
        expect_artifacts(database, place.spec_id, place.machine_id, {artifact}, now).front();
    return plain_object([&](Json& json) {
        put(json, "artifactId", id);
        put(json, "uploadUrl", urls.of("PUT", id, now));
        put(json, "readUrl", urls.of("GET", id, now));
    });
}

}  // namespace

HttpResponse upload_for_record(Database& database, const std::string& record_id,
                               const std::string& body, const ArtifactUrls& urls, Time now) {
    rapidjson::Document root;
    if (const std::string wrong = parse_object(body, root); !wrong.empty())
        return failed(400, wrong);
    Statement row =
        database.prepare("SELECT spec_id, machine_id, test_id, stale FROM records WHERE id = ?");
    const auto gate =
        row.bind(record_id).step() ? gate_of_spec(database, row.text(0)) : std::nullopt;
    if (!gate) return failed(404, "Test record not found");
    Told told;
    told.counts = false;
    told.lost = row.integer(3) != 0;
    if (judge(database, *gate, told, now).verdict == Verdict::drop)
        return refused("RECORD_RESET", "the spec was reset since, and its files are kept no more");
    PlannedArtifact artifact = read_artifact(root);
    artifact.level = "attempt";
    artifact.test_id = row.text(2);
    artifact.attempt = number(&root, "attemptId").value_or(0);
    return expect(database, {row.text(0), row.text(1)}, artifact, urls, now);
}

HttpResponse upload_for_spec(Database& database, const std::string& spec_id,
                             const std::string& machine_id, const std::string& body,
                             const ArtifactUrls& urls, Time now) {
    rapidjson::Document root;
    if (const std::string wrong = parse_object(body, root); !wrong.empty())
        return failed(400, wrong);
    Statement row = database.prepare("SELECT coalesce(machine_id, '') FROM specs WHERE id = ?");
    if (!row.bind(spec_id).step() || !gate_of_spec(database, spec_id))
        return failed(404, "Instance not found");
    PlannedArtifact artifact = read_artifact(root);
    artifact.level = "spec";
    const Place place{spec_id, machine_id.empty() ? row.text(0) : machine_id};
    return expect(database, place, artifact, urls, now);
}

}  // namespace runs_agent::runs_server
