// SPDX-License-Identifier: MIT
#include "runs_server/recording/artifacts.hpp"

#include "base/encoding.hpp"
#include "runs_server/answers/stored_file.hpp"

namespace runs_agent::runs_server {

using net::HttpResponse;
using sqlite::Database;
using sqlite::Statement;

namespace {

constexpr const char* columns =
    "SELECT a.spec_id, a.id, a.level, a.test_id, a.attempt, a.path, a.type, a.name, a.content_type,"
    " a.created_at, a.size FROM artifacts a ";

ArtifactsBySpec read(Statement& rows) {
    ArtifactsBySpec found;
    while (rows.step()) {
        Artifact artifact;
        artifact.id = rows.text(1);
        artifact.named.level = rows.text(2);
        artifact.named.test_id = rows.text(3);
        artifact.named.attempt = rows.integer(4);
        artifact.named.path = rows.text(5);
        artifact.named.type = rows.text(6);
        artifact.named.name = rows.text(7);
        artifact.named.content_type = rows.text(8);
        artifact.created_at = rows.time(9);
        artifact.size = rows.integer(10);
        found[rows.text(0)].push_back(std::move(artifact));
    }
    return found;
}

const std::vector<Artifact>& of_spec(const ArtifactsBySpec& artifacts, const std::string& spec_id) {
    static const std::vector<Artifact> none;
    const auto found = artifacts.find(spec_id);
    return found == artifacts.end() ? none : found->second;
}

bool is(const Artifact& artifact, std::string_view type, std::string_view media) {
    return artifact.named.type == type || artifact.named.content_type.starts_with(media);
}

bool is_screenshot(const Artifact& artifact) {
    return is(artifact, "screenshot", "image/");
}

bool is_video(const Artifact& artifact) {
    return is(artifact, "video", "video/");
}

/// Null for an empty text.
void put_text_or_null(Json& json, const char* key, const std::string& value) {
    put_or_null(json, key, value.empty() ? std::nullopt : std::optional(value));
}

/// What every kind of file says of the test it belongs to.
void put_place(Json& json, const Artifact& artifact) {
    put_text_or_null(json, "testId", artifact.named.test_id);
    put(json, "testAttemptIndex", artifact.named.attempt);
}

void put_screenshots(Json& json, const std::vector<Artifact>& artifacts, const ArtifactUrls& urls,
                     Time now) {
    json.Key("screenshots");
    json.StartArray();
    for (const Artifact& artifact : artifacts) {
        if (!is_screenshot(artifact)) continue;
        json.StartObject();
        put(json, "screenshotId", artifact.id);
        put_text_or_null(json, "name", artifact.named.name);
        put_place(json, artifact);
        put(json, "takenAt", std::optional<Time>(artifact.created_at));
        put(json, "screenshotURL", urls.of("GET", artifact.id, now));
        json.EndObject();
    }
    json.EndArray();
}

void put_video_url(Json& json, const std::vector<Artifact>& artifacts, const ArtifactUrls& urls,
                   Time now) {
    std::string url;
    for (const Artifact& artifact : artifacts)
        if (url.empty() && is_video(artifact)) url = urls.of("GET", artifact.id, now);
    put_text_or_null(json, "videoUrl", url);
}

/// Not of a run that was deleted, whose files may be there for a while.
bool is_there(Database& database, const std::string& artifact_id) {
    return database
        .prepare(
            "SELECT 1 FROM artifacts a JOIN specs s ON s.id = a.spec_id JOIN runs r"
            " ON r.id = s.run_id WHERE a.id = ? AND r.deleted_at IS NULL")
        .bind(artifact_id)
        .step();
}

constexpr const char* missing = "Artifact not found";

}  // namespace

std::string ArtifactUrls::of(std::string_view method, const std::string& artifact_id,
                             Time now) const {
    return at(method, "/artifacts/" + artifact_id, now);
}

std::string ArtifactUrls::at(std::string_view method, const std::string& path, Time now) const {
    return base_url + signer.sign(method, path, now);
}

std::vector<std::string> expect_artifacts(Database& database, const std::string& spec_id,
                                          const std::string& machine_id,
                                          const std::vector<PlannedArtifact>& artifacts, Time now) {
    std::vector<std::string> ids;
    for (const PlannedArtifact& artifact : artifacts) {
        Statement row = database.prepare(
            "INSERT INTO artifacts(id, spec_id, machine_id, level, test_id, attempt, path, type,"
            " name, content_type, created_at) VALUES(?,?,?,?,?,?,?,?,?,?,?)"
            " ON CONFLICT(spec_id, machine_id, level, test_id, attempt, path) DO UPDATE SET"
            " type = excluded.type RETURNING id");
        row.bind(random_hex(16))
            .bind(spec_id)
            .bind(machine_id)
            .bind(artifact.level)
            .bind(artifact.test_id)
            .bind(artifact.attempt)
            .bind(artifact.path)
            .bind(artifact.type)
            .bind(artifact.name)
            .bind(artifact.content_type)
            .bind(now);
        row.step();
        ids.push_back(row.text(0));
    }
    return ids;
}

void delete_artifacts(Database& database, const std::string& spec_id) {
    database.prepare("DELETE FROM artifacts WHERE spec_id = ?").bind(spec_id).run();
}

HttpResponse put_artifact(Database& database, const std::string& artifact_id,
                          const std::string& content_type, const std::string& content) {
    if (!is_there(database, artifact_id)) return failed(404, missing);
    const auto size = store_file(database, "artifacts", artifact_id, content_type, content);
    if (!size) return failed(404, missing);
    return ok_object([&](Json& json) {
        put(json, "artifactId", artifact_id);
        put(json, "size", *size);
    });
}

HttpResponse get_artifact(Database& database, const std::string& artifact_id,
                          const std::shared_ptr<net::MemoryBudget>& memory) {
    if (!is_there(database, artifact_id)) return failed(404, missing);
    return stored_file(database, "artifacts", artifact_id, missing, memory);
}

ArtifactsBySpec artifacts_of_run(Database& database, const std::string& run_id) {
    Statement rows =
        database.prepare(std::string(columns) +
                         "JOIN specs s ON s.id = a.spec_id"
                         " WHERE s.run_id = ? AND a.size IS NOT NULL ORDER BY a.rowid");
    rows.bind(run_id);
    return read(rows);
}

void put_pictures(Json& json, const ArtifactsBySpec& artifacts, const std::string& spec_id,
                  const ArtifactUrls& urls, Time now) {
    const auto& own = of_spec(artifacts, spec_id);
    put_video_url(json, own, urls, now);
    put_screenshots(json, own, urls, now);
}

void put_files(Json& json, Database& database, const std::string& spec_id, const ArtifactUrls& urls,
               Time now) {
    Statement rows = database.prepare(
        std::string(columns) + "WHERE a.spec_id = ? AND a.size IS NOT NULL ORDER BY a.rowid");
    rows.bind(spec_id);
    const ArtifactsBySpec all = read(rows);
    const auto& artifacts = of_spec(all, spec_id);
    put_video_url(json, artifacts, urls, now);
    put_screenshots(json, artifacts, urls, now);
    json.Key("videos");
    json.StartArray();
    for (const Artifact& artifact : artifacts) {
        if (!is_video(artifact)) continue;
        json.StartObject();
        put_place(json, artifact);
        put(json, "videoUrl", urls.of("GET", artifact.id, now));
        json.EndObject();
    }
    json.EndArray();
    json.Key("playwrightTraces");
    json.StartArray();
    for (const Artifact& artifact : artifacts) {
        if (artifact.named.type != "trace") continue;
        json.StartObject();
        put(json, "traceId", artifact.id);
        put_text_or_null(json, "name", artifact.named.name);
        put_place(json, artifact);
        put(json, "traceURL", urls.of("GET", artifact.id, now));
        json.EndObject();
    }
    json.EndArray();
    json.Key("artifacts");
    json.StartArray();
    for (const Artifact& artifact : artifacts) {
        json.StartObject();
        put(json, "artifactId", artifact.id);
        for (const auto& [key, value] :
             {std::pair{"path", &artifact.named.path}, std::pair{"type", &artifact.named.type},
              std::pair{"contentType", &artifact.named.content_type},
              std::pair{"level", &artifact.named.level}})
            put(json, key, *value);
        put_text_or_null(json, "name", artifact.named.name);
        put_place(json, artifact);
        put(json, "size", artifact.size);
        put(json, "readUrl", urls.of("GET", artifact.id, now));
        json.EndObject();
    }
    json.EndArray();
}

}  // namespace runs_agent::runs_server
