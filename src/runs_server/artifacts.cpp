#include "runs_server/artifacts.hpp"

#include "base/encoding.hpp"

namespace runs_agent::runs_server {

using net::HttpResponse;
using sqlite::Database;
using sqlite::Statement;

namespace {

struct Uploaded {
    std::string id;
    std::string level;
    std::string test_id;
    std::int64_t attempt = 0;
    std::string path;
    std::string type;
    std::string name;
    std::string content_type;
    Time created_at{};
    std::int64_t size = 0;
};

/// Those that have arrived; one whose upload failed is shown nowhere.
std::vector<Uploaded> uploaded(Database& database, const std::string& spec_id) {
    Statement rows = database.prepare(
        "SELECT id, level, test_id, attempt, path, type, name, content_type, created_at, size"
        " FROM artifacts WHERE spec_id = ? AND size IS NOT NULL ORDER BY rowid");
    rows.bind(spec_id);
    std::vector<Uploaded> found;
    while (rows.step()) {
        Uploaded artifact;
        artifact.id = rows.text(0);
        artifact.level = rows.text(1);
        artifact.test_id = rows.text(2);
        artifact.attempt = rows.integer(3);
        artifact.path = rows.text(4);
        artifact.type = rows.text(5);
        artifact.name = rows.text(6);
        artifact.content_type = rows.text(7);
        artifact.created_at = rows.time(8);
        artifact.size = rows.integer(9);
        found.push_back(std::move(artifact));
    }
    return found;
}

bool is(const Uploaded& artifact, std::string_view type, std::string_view media) {
    return artifact.type == type || artifact.content_type.starts_with(media);
}

bool is_screenshot(const Uploaded& artifact) {
    return is(artifact, "screenshot", "image/");
}

bool is_video(const Uploaded& artifact) {
    return is(artifact, "video", "video/");
}

/// Null for an empty text.
void put_text_or_null(Json& json, const char* key, const std::string& value) {
    put_or_null(json, key, value.empty() ? std::nullopt : std::optional(value));
}

/// What every kind of file says of the test it belongs to.
void put_place(Json& json, const Uploaded& artifact) {
    put_text_or_null(json, "testId", artifact.test_id);
    put(json, "testAttemptIndex", artifact.attempt);
}

void put_screenshots(Json& json, const std::vector<Uploaded>& artifacts, const ArtifactUrls& urls,
                     Time now) {
    json.Key("screenshots");
    json.StartArray();
    for (const Uploaded& artifact : artifacts) {
        if (!is_screenshot(artifact)) continue;
        json.StartObject();
        put(json, "screenshotId", artifact.id);
        put_text_or_null(json, "name", artifact.name);
        put_place(json, artifact);
        put(json, "takenAt", std::optional<Time>(artifact.created_at));
        put(json, "screenshotURL", urls.of("GET", artifact.id, now));
        json.EndObject();
    }
    json.EndArray();
}

void put_video_url(Json& json, const std::vector<Uploaded>& artifacts, const ArtifactUrls& urls,
                   Time now) {
    std::string url;
    for (const Uploaded& artifact : artifacts)
        if (url.empty() && is_video(artifact)) url = urls.of("GET", artifact.id, now);
    put_text_or_null(json, "videoUrl", url);
}

}  // namespace

std::string ArtifactUrls::of(std::string_view method, const std::string& artifact_id,
                             Time now) const {
    return base_url + signer.sign(method, "/artifacts/" + artifact_id, now);
}

std::vector<std::string> expect_artifacts(Database& database, const std::string& spec_id,
                                          const std::vector<PlannedArtifact>& artifacts, Time now) {
    std::vector<std::string> ids;
    for (const PlannedArtifact& artifact : artifacts) {
        Statement row = database.prepare(
            "INSERT INTO artifacts(id, spec_id, level, test_id, attempt, path, type, name,"
            " content_type, created_at) VALUES(?,?,?,?,?,?,?,?,?,?)"
            " ON CONFLICT(spec_id, level, test_id, attempt, path) DO UPDATE SET"
            " type = excluded.type RETURNING id");
        row.bind(random_hex(16))
            .bind(spec_id)
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
    database
        .prepare(
            "UPDATE artifacts SET content = ?2, size = length(?2),"
            " content_type = CASE ?3 WHEN '' THEN content_type ELSE ?3 END WHERE id = ?1")
        .bind(artifact_id)
        .bind_blob(content)
        .bind(content_type)
        .run();
    if (database.changes() == 0) return failed(404, "Artifact not found");
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    put(json, "artifactId", artifact_id);
    put(json, "size", static_cast<std::int64_t>(content.size()));
    json.EndObject();
    return ok({buffer.GetString(), buffer.GetSize()});
}

HttpResponse get_artifact(Database& database, const std::string& artifact_id) {
    Statement row = database.prepare(
        "SELECT content_type, content FROM artifacts WHERE id = ? AND size IS NOT NULL");
    if (!row.bind(artifact_id).step()) return failed(404, "Artifact not found");
    HttpResponse response;
    response.headers.add("Content-Type", row.text(0));
    // It is anybody's file: a browser must not run it in this server's name.
    response.headers.add("X-Content-Type-Options", "nosniff");
    response.headers.add("Content-Security-Policy", "sandbox");
    response.body = row.blob(1);
    return response;
}

void put_pictures(Json& json, Database& database, const std::string& spec_id,
                  const ArtifactUrls& urls, Time now) {
    const auto artifacts = uploaded(database, spec_id);
    put_video_url(json, artifacts, urls, now);
    put_screenshots(json, artifacts, urls, now);
}

void put_files(Json& json, Database& database, const std::string& spec_id, const ArtifactUrls& urls,
               Time now) {
    const auto artifacts = uploaded(database, spec_id);
    put_video_url(json, artifacts, urls, now);
    put_screenshots(json, artifacts, urls, now);
    json.Key("videos");
    json.StartArray();
    for (const Uploaded& artifact : artifacts) {
        if (!is_video(artifact)) continue;
        json.StartObject();
        put_place(json, artifact);
        put(json, "videoUrl", urls.of("GET", artifact.id, now));
        json.EndObject();
    }
    json.EndArray();
    json.Key("playwrightTraces");
    json.StartArray();
    for (const Uploaded& artifact : artifacts) {
        if (artifact.type != "trace") continue;
        json.StartObject();
        put(json, "traceId", artifact.id);
        put_text_or_null(json, "name", artifact.name);
        put_place(json, artifact);
        put(json, "traceURL", urls.of("GET", artifact.id, now));
        json.EndObject();
    }
    json.EndArray();
    json.Key("artifacts");
    json.StartArray();
    for (const Uploaded& artifact : artifacts) {
        json.StartObject();
        put(json, "artifactId", artifact.id);
        for (const auto& [key, value] :
             {std::pair{"path", &artifact.path}, std::pair{"type", &artifact.type},
              std::pair{"contentType", &artifact.content_type},
              std::pair{"level", &artifact.level}})
            put(json, key, *value);
        put_text_or_null(json, "name", artifact.name);
        put_place(json, artifact);
        put(json, "size", artifact.size);
        put(json, "readUrl", urls.of("GET", artifact.id, now));
        json.EndObject();
    }
    json.EndArray();
}

}  // namespace runs_agent::runs_server
