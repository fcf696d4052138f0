// SPDX-License-Identifier: MIT
#include "webhooks/deliveries/payload.hpp"

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "json/reading.hpp"
#include "webhooks/deliveries/skimming.hpp"
#include "webhooks/deliveries/wanted_members.hpp"

#include <array>
#include <cassert>
#include <cstddef>
#include <limits>

namespace runs_agent::webhooks {

namespace {

using rapidjson::Value;

const Value* member(const Value* object, std::string_view name) {
    assert(is_wanted(name));  // or it would be absent of every payload
    return json::member(object, name);
}

/// Longer texts are cut: no name that GitHub allows is longer, and every row must stay small.
constexpr std::size_t max_text = 1024;

/// RapidJSON lets "\udc00" pass without the half that belongs before it, as bytes that are no
/// UTF-8. They become U+FFFD, which is as long.
void replace_lone_surrogates(std::string& text) {
    for (auto at = text.find('\xed'); at != std::string::npos; at = text.find('\xed', at + 1))
        if (static_cast<unsigned char>(text.at(at + 1)) >= 0xa0)
            text.replace(at, 3, "\xef\xbf\xbd");
}

std::string text(const Value* object, std::string_view name) {
    const Value* const value = member(object, name);
    if (value == nullptr || !value->IsString()) return {};
    std::string whole(json::text_of(*value));
    replace_lone_surrogates(whole);
    if (whole.size() <= max_text) return whole;
    std::size_t end = max_text;
    while (end > 0 && (static_cast<unsigned char>(whole[end]) & 0xc0U) == 0x80) --end;
    whole.resize(end);  // never in the middle of a character
    return whole;
}

std::int64_t number(const Value* object, std::string_view name, std::int64_t otherwise = 0) {
    const Value* value = member(object, name);
    return value != nullptr && value->IsInt64() ? value->GetInt64() : otherwise;
}

/// What never was is sent as the beginning of some calendar: "0001-01-01T00:00:00Z", 1970.
constexpr Time first_run_ever = std::chrono::sys_days(std::chrono::year(2008) / 1 / 1);

decide::Time time(const Value* object, std::string_view name) {
    const Time told = parse_iso8601(text(object, name)).value_or(Time());
    return told < first_run_ever ? Time() : told;
}

/// The first of these that is told. Gitea and Forgejo name some members differently.
/// Source: go-gitea/gitea, modules/structs, ActionWorkflowRun.
decide::Time time(const Value* object, std::string_view name, std::string_view otherwise) {
    const decide::Time told = time(object, name);
    return told != Time() ? told : time(object, otherwise);
}

/// Where the workflow has a `run-name`, the run's name is that: its title, and not the workflow's.
std::string workflow_name_of(const Value* workflow, const Value* run) {
    std::string name = text(workflow, "name");
    if (!name.empty()) return name;
    name = text(run, "name");
    return name == text(run, "display_title") ? std::string() : name;
}

/// ".github/workflows/e2e.yml@refs/heads/main" without what follows the '@'.
std::string without_ref(std::string path) {
    const auto at = path.rfind('@');
    if (at != std::string::npos) path.resize(at);
    return path;
}

/// Servers from before re-runs had attempts do not send one. Gitea sends 0 where it has none.
/// Source: go-gitea/gitea, services/convert, ToActionWorkflowRun.
std::optional<int> attempt_of(const Value* object) {
    const Value* given = member(object, "run_attempt");
    const bool absent =
        given == nullptr || given->IsNull() || (given->IsInt64() && given->GetInt64() == 0);
    const std::int64_t attempt = absent ? 1 : number(object, "run_attempt");
    if (attempt < 1 || attempt > std::numeric_limits<int>::max()) return std::nullopt;
    return static_cast<int>(attempt);
}

std::vector<std::int64_t> pull_request_numbers(const Value* run) {
    std::vector<std::int64_t> numbers;
    const Value* requests = member(run, "pull_requests");
    if (requests == nullptr || !requests->IsArray()) return numbers;
    for (const Value& request : requests->GetArray()) {
        const std::int64_t found = number(&request, "number");
        if (found > 0) numbers.push_back(found);
    }
    return numbers;
}

}  // namespace

struct Payload::Content {
    using Memory = rapidjson::MemoryPoolAllocator<>;
    static constexpr std::size_t usual = 4096;  // bytes: a run takes three quarters of that

    std::string text;
    std::string copy;  // where it is parsed in place
    alignas(std::max_align_t) std::array<char, usual> room;
    Memory memory{room.data(), room.size(), usual};
    rapidjson::Document document{&memory};  // of what is ever asked for; points into the text

    /// What is wrong with the text, in words; empty where nothing is.
    std::string parse();
    /// The same by the whole parser, which knows what is rare, and what to say of a fault.
    std::string parse_wholly();
    template <unsigned Flags>
    rapidjson::ParseResult parse_in_place();
};

template <unsigned Flags>
rapidjson::ParseResult Payload::Content::parse_in_place() {
    rapidjson::Reader reader;
    const auto read = [&](rapidjson::Document& to) {
        WantedMembers wanted(to);
        rapidjson::InsituStringStream stream(copy.data());
        return !reader.Parse<Flags>(stream, wanted).IsError();
    };
    document.Populate(read);
    return {reader.GetParseErrorCode(), reader.GetErrorOffset()};
}

std::string Payload::Content::parse() {
    return skim(text, document) ? std::string() : parse_wholly();
}

std::string Payload::Content::parse_wholly() {
    if (const auto wrong = json::fault_of(text); !wrong.empty()) return std::string(wrong);
    copy = text;
    // Iterative: a payload of a million brackets must not exhaust the stack.
    constexpr unsigned flags = rapidjson::kParseInsituFlag | rapidjson::kParseIterativeFlag;
    // The parser looks at each byte of a text whose encoding it is to validate: twice the time.
    return json::fault_of(is_ascii(text)
                              ? parse_in_place<flags>()
                              : parse_in_place<flags | rapidjson::kParseValidateEncodingFlag>());
}

Payload::Payload(std::unique_ptr<Content> content) : content_(std::move(content)) {}
Payload::Payload(Payload&&) noexcept = default;
Payload& Payload::operator=(Payload&&) noexcept = default;
Payload::~Payload() = default;

Result<Payload> Payload::parse(std::string text) {
    auto content = std::make_unique<Content>();
    content->text = std::move(text);
    const std::string wrong = content->parse();
    if (!wrong.empty()) return fail(Errc::bad_input, "the payload is not JSON: " + wrong);
    if (!content->document.IsObject())
        return fail(Errc::bad_input, "the payload is JSON, but not an object");
    return Payload(std::move(content));
}

std::string Payload::action() const {
    return text(&content_->document, "action");
}

std::string Payload::repository() const {
    return text(member(&content_->document, "repository"), "full_name");
}

std::string Payload::organization() const {
    return text(member(&content_->document, "organization"), "login");
}

std::string Payload::take_text() && {
    return std::move(content_->text);
}

bool Payload::has(std::string_view name) const {
    return member(&content_->document, name) != nullptr;
}

Result<decide::WorkflowRun> Payload::workflow_run(std::string host) const {
    const Value* root = &content_->document;
    const Value* source = member(root, "workflow_run");
    const Value* workflow = member(root, "workflow");
    const Value* repository = member(root, "repository");

    decide::WorkflowRun run;
    run.action = action();
    run.key = {std::move(host), number(source, "id")};
    if (run.key.run_id <= 0)
        return fail(Errc::bad_input, "the payload has no workflow_run.id: nothing can be decided");
    const auto attempt = attempt_of(source);
    if (!attempt) return fail(Errc::bad_input, "workflow_run.run_attempt is not a number from 1");
    run.attempt = *attempt;
    run.run_number = number(source, "run_number");

    run.repository = this->repository();
    if (run.repository.empty()) run.repository = text(member(source, "repository"), "full_name");
    if (run.repository.empty())
        return fail(Errc::bad_input,
                    "the payload has no repository.full_name: nothing can be decided");
    run.default_branch = text(repository, "default_branch");

    run.workflow_id = number(source, "workflow_id", number(workflow, "id"));
    run.workflow_name = workflow_name_of(workflow, source);
    run.workflow_path = text(workflow, "path");
    if (run.workflow_path.empty()) run.workflow_path = text(source, "path");
    run.workflow_path = without_ref(std::move(run.workflow_path));

    run.head_branch = text(source, "head_branch");
    run.head_sha = text(source, "head_sha");
    run.head_repository = text(member(source, "head_repository"), "full_name");
    run.event = text(source, "event");
    run.status = text(source, "status");
    run.conclusion = text(source, "conclusion");
    run.actor = text(member(source, "actor"), "login");
    run.triggering_actor = text(member(source, "triggering_actor"), "login");
    if (run.triggering_actor.empty())
        run.triggering_actor = text(member(source, "trigger_actor"), "login");
    run.pull_requests = pull_request_numbers(source);
    run.created_at = time(source, "created_at");
    run.started_at = time(source, "run_started_at", "started_at");
    run.updated_at = time(source, "updated_at", "completed_at");
    return run;
}

Result<decide::WorkflowJob> Payload::workflow_job(std::string host) const {
    const Value* source = member(&content_->document, "workflow_job");
    decide::WorkflowJob job;
    job.action = action();
    job.job_id = number(source, "id");
    job.run = {std::move(host), number(source, "run_id")};
    if (job.job_id <= 0 || job.run.run_id <= 0)
        return fail(Errc::bad_input,
                    "the payload has no workflow_job.id and run_id: nothing can be decided");
    const auto attempt = attempt_of(source);
    if (!attempt) return fail(Errc::bad_input, "workflow_job.run_attempt is not a number from 1");
    job.attempt = *attempt;
    job.repository = repository();
    job.name = text(source, "name");
    job.runner_name = text(source, "runner_name");
    job.workflow_name = text(source, "workflow_name");
    job.head_branch = text(source, "head_branch");
    job.sender = text(member(&content_->document, "sender"), "login");
    job.conclusion = text(source, "conclusion");
    job.completed_at = time(source, "completed_at");
    return job;
}

}  // namespace runs_agent::webhooks
