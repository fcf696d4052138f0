#include "runs_api/document.hpp"

#include "runs_api/clean_text.hpp"
#include "runs_api/json_reading.hpp"

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace runs_agent::runs_api {

struct Document::Content {
    std::string text;  // what every string of `json` points into
    rapidjson::Document json;
    const rapidjson::Value* data = nullptr;
};

namespace {

using rapidjson::Value;

/// Deeper than any answer of the contract; the parser and the writer go one call deeper for each.
constexpr std::size_t max_depth = 128;

/// What a failure has to say is said by then.
constexpr std::size_t max_error_body = 64UL * 1024;

bool is_too_deep(std::string_view text) {
    std::size_t depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > max_depth) return true;
        } else if ((c == ']' || c == '}') && depth > 0) {
            --depth;
        }
    }
    return false;
}

/// Parses `content.text` in place; what is wrong with it, or nothing.
std::string parse(Document::Content& content) {
    // To the in-place parser a NUL is the end of the text: what follows it would go unseen.
    if (content.text.find('\0') != std::string::npos) return "it holds a NUL byte";
    if (is_too_deep(content.text)) return "it is nested too deeply";
    content.json.ParseInsitu(content.text.data());
    if (content.json.HasParseError())
        return std::string(rapidjson::GetParseError_En(content.json.GetParseError())) +
               " At byte " + std::to_string(content.json.GetErrorOffset()) + ".";
    return {};
}

std::string_view first_text(const Value& object, std::initializer_list<const char*> spellings) {
    for (const char* const name : spellings)
        if (const auto text = text_member(object, name); !text.empty()) return text;
    return {};
}

std::vector<std::string_view> texts(const Value& object, std::string_view name) {
    std::vector<std::string_view> found;
    const Value* const list = member(object, name);
    if (list == nullptr || !list->IsArray()) return found;
    for (const Value& item : list->GetArray())
        if (item.IsString()) found.push_back(text_of(item));
    return found;
}

std::optional<Cancellation> read_cancellation(const Value& run) {
    const Value* const value = member(run, "cancellation");
    if (value == nullptr || !value->IsObject()) return std::nullopt;
    Cancellation cancellation;
    // One machine-made description of the API spells it the other way.
    cancellation.actor = first_text(*value, {"actor", "canceledBy", "cancelledBy"});
    cancellation.canceled_at = first_text(*value, {"canceledAt", "cancelledAt"});
    cancellation.reason = text_member(*value, "reason");
    return cancellation;
}

SpecSummary read_spec(const Value& value) {
    SpecSummary spec;
    spec.spec = text_member(value, "spec");
    spec.group_id = text_member(value, "groupId");
    spec.instance_id = text_member(value, "instanceId");
    spec.machine_id = text_member(value, "machineId");
    spec.claimed_at = text_member(value, "claimedAt");
    spec.completed_at = text_member(value, "completedAt");
    const Value* const results = member(value, "results");
    spec.has_results = results != nullptr && results->IsObject();
    if (spec.has_results)
        if (const Value* const stats = member(*results, "stats"))
            spec.failures = integer_member(*stats, "failures").value_or(0);
    return spec;
}

Run read_run(const Value& value) {
    Run run;
    run.run_id = text_member(value, "runId");
    run.project_id = text_member(value, "projectId");
    run.created_at = text_member(value, "createdAt");
    run.cursor = text_member(value, "cursor");
    run.duration_ms = integer_member(value, "durationMs");
    run.tags = texts(value, "tags");
    run.completion_state = parse_completion_state(text_member(value, "completionState"));
    run.status = parse_run_status(text_member(value, "status"));
    run.cancellation = read_cancellation(value);
    if (const Value* const meta = member(value, "meta")) {
        run.ci_build_id = text_member(*meta, "ciBuildId");
        if (const Value* const commit = member(*meta, "commit")) {
            run.branch = text_member(*commit, "branch");
            run.commit_sha = text_member(*commit, "sha");
        }
    }
    const Value* const specs = member(value, "specs");
    if (specs == nullptr || !specs->IsArray()) return run;
    run.specs.reserve(specs->Size());
    for (const Value& spec : specs->GetArray())
        if (spec.IsObject()) run.specs.push_back(read_spec(spec));
    return run;
}

std::string write(const Value& value, bool indented) {
    rapidjson::StringBuffer buffer;
    if (indented) {
        rapidjson::PrettyWriter<rapidjson::StringBuffer> writer(buffer);
        writer.SetIndent(' ', 2);
        value.Accept(writer);
    } else {
        rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
        value.Accept(writer);
    }
    return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace

Result<std::optional<Document>> read_document(std::string body) {
    std::optional<Document> document;
    if (body.find_first_not_of(" \t\r\n") == std::string::npos) return document;
    auto content = std::make_unique<Document::Content>();
    content->text = std::move(body);
    const std::string wrong = parse(*content);
    if (!wrong.empty())
        return fail(Errc::network, "the service's answer is not the JSON it should be: " + wrong +
                                       " Check that CURRENTS_API_URL is the Runs API's address");
    content->data = member(content->json, "data");
    if (content->data != nullptr && !content->data->IsNull()) document.emplace(std::move(content));
    return document;
}

std::string read_error(std::string body, std::string_view secret) {
    if (body.size() > max_error_body) body.resize(max_error_body);
    Document::Content content;
    content.text = body;
    if (!parse(content).empty()) return clean_text(std::move(body), secret);
    for (const char* const name : {"error", "message"}) {
        const Value* const value = member(content.json, name);
        if (value == nullptr) continue;
        if (value->IsString()) return clean_text(std::string(text_of(*value)), secret);
        if (const auto inner = text_member(*value, "message"); !inner.empty())
            return clean_text(std::string(inner), secret);
    }
    return clean_text(std::move(body), secret);
}

Document::Document(std::unique_ptr<Content> content) : content_(std::move(content)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Run Document::run() const {
    return read_run(*content_->data);
}

std::vector<Run> Document::runs() const {
    std::vector<Run> found;
    if (!content_->data->IsArray()) return found;
    for (const Value& item : content_->data->GetArray())
        if (item.IsObject()) found.push_back(read_run(item));
    return found;
}

std::string_view Document::text(std::string_view name) const {
    return text_member(*content_->data, name);
}

std::vector<std::string_view> Document::project_ids() const {
    std::vector<std::string_view> found;
    if (!content_->data->IsArray()) return found;
    for (const Value& item : content_->data->GetArray())
        if (const auto id = text_member(item, "projectId"); !id.empty()) found.push_back(id);
    return found;
}

bool Document::has_more() const {
    const Value* const more = member(content_->json, "has_more");
    return more != nullptr && more->IsTrue();
}

std::string Document::to_json(bool indented) const {
    return write(*content_->data, indented);
}

std::string Document::member_to_json(std::string_view name, bool indented) const {
    const Value* const value = member(*content_->data, name);
    return value == nullptr ? std::string() : write(*value, indented);
}

}  // namespace runs_agent::runs_api
