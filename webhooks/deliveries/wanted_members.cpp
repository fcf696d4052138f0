// SPDX-License-Identifier: MIT
#include "webhooks/deliveries/wanted_members.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace runs_agent::webhooks {

namespace {

/// All that is asked of a Payload, whatever it belongs to. In a debug build asking for another one
/// ends the program: it would be absent of every payload.
constexpr std::array<std::string_view, 38> names{
    "action",           "actor",         "completed_at", "conclusion",  "created_at",
    "default_branch",   "display_title", "event",        "full_name",   "head_branch",
    "head_repository",  "head_sha",      "id",           "login",       "name",
    "number",           "organization",  "path",         "payload",     "pull_requests",
    "repository",       "run_attempt",   "run_id",       "run_number",  "run_started_at",
    "runner_name",      "sender",        "started_at",   "status",      "trigger_actor",
    "triggering_actor", "updated_at",    "workflow",     "workflow_id", "workflow_job",
    "workflow_name",    "workflow_run",  "zen",
};

constexpr std::size_t longest = 32;

constexpr std::uint32_t bit_of(char letter) {
    return 1U << (static_cast<unsigned char>(letter) % 32);
}

/// By its length, which letters a name begins with: most that are not wanted are known by that.
constexpr auto first_letters = [] {
    std::array<std::uint32_t, longest> letters{};
    for (const std::string_view name : names) letters.at(name.size()) |= bit_of(name[0]);
    return letters;
}();

}  // namespace

bool is_wanted(std::string_view name) {
    if (name.size() >= longest || name.empty()) return false;
    if ((first_letters[name.size()] & bit_of(name[0])) == 0) return false;
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool WantedMembers::is_left_out() {
    return open_ > 0 || std::exchange(leave_next_, false);
}

bool WantedMembers::is_opened_in_vain() {
    if (!is_left_out()) return false;
    ++open_;
    return true;
}

bool WantedMembers::is_closed_in_vain() {
    if (open_ == 0) return false;
    --open_;
    return true;
}

bool WantedMembers::Key(const char* text, Size size, bool copy) {
    if (open_ > 0) return true;
    leave_next_ = !is_wanted({text, size});
    if (leave_next_) return true;
    ++kept_.back();
    return document_.Key(text, size, copy);
}

bool WantedMembers::StartObject() {
    if (is_opened_in_vain()) return true;
    kept_.push_back(0);
    return document_.StartObject();
}

bool WantedMembers::EndObject(Size) {
    if (is_closed_in_vain()) return true;
    const Size members = kept_.back();
    kept_.pop_back();
    return document_.EndObject(members);
}

}  // namespace runs_agent::webhooks
