// SPDX-License-Identifier: MIT
#include "runs_server/reporting/announced_body.hpp"

#include "base/encoding.hpp"
#include "runs_server/answers/json_text.hpp"
#include "runs_server/answers/member_extent.hpp"

namespace runs_agent::runs_server {

using rapidjson::Value;
using sqlite::Database;

namespace {

/// Projects without a name are of the request's group.
std::string digest_of(const RecordRequest& request, std::string_view suite) {
    return to_hex(sha256(request.group + '\n' + to_hex(sha256(suite))));
}

}  // namespace

AnnouncedBody::AnnouncedBody(std::string body, std::string_view suite)
    : body_(std::move(body)), size_(body_.size()) {
    const auto extent = list_extent(body_, suite);
    if (!extent) {
        // It has none, or one that is not like any reporter's.
        wrong_ = parse_in_place(body_, root_);
        if (!wrong_.empty()) return;
        read_rest(suite);
        return;
    }
    const std::string_view whole(body_);
    rest_ = whole.substr(0, extent->begin);
    ((rest_ += "null") += whole.substr(extent->end));
    if (!parse_in_place(rest_, root_).empty()) {
        // Once more, for where in the body the mistake is.
        wrong_ = parse_in_place(body_, suite_);
        if (wrong_.empty()) wrong_ = no_object("");
        return;
    }
    read_rest({});
    if (!wrong_.empty()) return;
    digest_ = digest_of(request_, whole.substr(extent->begin, extent->end - extent->begin));
    body_.resize(extent->end);
    unread_ = extent->begin;
}

/// `suite` is the name of the member that is one and was read with the rest, if any.
void AnnouncedBody::read_rest(std::string_view suite) {
    auto read = read_record_request(root_);
    if (auto* const wrong = std::get_if<std::string>(&read)) {
        wrong_ = std::move(*wrong);
        return;
    }
    request_ = std::get<RecordRequest>(std::move(read));
    const Value* const list = suite.empty() ? nullptr : member(&root_, suite);
    // What read_record_request() has found by its own name for it is found anew.
    request_.groups.clear();
    request_.suite.clear();
    wrong_ = read_full_suite(list, request_);
    if (!request_.suite.empty()) digest_ = digest_of(request_, to_json(*list));
    says_none_ = list != nullptr && list->IsArray() && request_.suite.empty();
}

void AnnouncedBody::read_suite() {
    if (unread_ == 0) return;
    std::string wrong = parse_list_in_place(body_, unread_, suite_);
    if (wrong.empty()) wrong = read_full_suite(&suite_, request_);
    unread_ = 0;
    // A suite without tests is none.
    says_none_ = request_.suite.empty();
    if (says_none_) digest_.clear();
    wrong_ = std::move(wrong);
    // What was read holds texts of its own.
    rapidjson::Document().Swap(suite_);
    std::string().swap(body_);
}

bool knows_suite(Database& database, const AnnouncedBody& announced) {
    const RecordRequest& request = announced.request();
    return announced.has_suite() && !request.ci_build_id.empty() &&
           database
               .prepare(
                   "SELECT 1 FROM runs r JOIN suites s ON s.run_id = r.id WHERE r.project_id = ?"
                   " AND r.ci_build_id = ? AND s.digest = ?")
               .bind(request.project_id)
               .bind(request.ci_build_id)
               .bind(announced.digest())
               .step();
}

}  // namespace runs_agent::runs_server
