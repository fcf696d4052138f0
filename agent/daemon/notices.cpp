// SPDX-License-Identifier: MIT
#include "agent/daemon/notices.hpp"

#include "base/time_text.hpp"
#include "json/writing.hpp"
#include "observe/printable.hpp"

#include <algorithm>

namespace runs_agent::agent {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds settles = 1min;  // what passes sooner is no news
constexpr std::chrono::milliseconds told_again = 10min;
constexpr std::size_t max_waiting = 20;  // while nobody takes them
constexpr std::int64_t many_undecided = 1'000;
constexpr std::chrono::milliseconds long_pending = 1h;

std::string count_of(std::int64_t count, const char* one, const char* many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

void add_calls(const store::Backlog& backlog, Time now, std::vector<Trouble>& found) {
    if (backlog.held > 0)
        found.push_back(
            {"held", count_of(backlog.held, "call waits", "calls wait") +
                         " for a working API key (" + backlog.held_because +
                         "). Put a read and write key into CURRENTS_API_KEY_FILE; they go on by "
                         "themselves."});
    if (backlog.dead > 0)
        found.push_back({"dead",
                         count_of(backlog.dead, "call was", "calls were") +
                             " given up. `runs-agent deliveries list --dead` names them; replay "
                             "or drop them.",
                         backlog.dead});
    const bool old = backlog.oldest_pending && now - *backlog.oldest_pending > long_pending;
    if (backlog.undecided > many_undecided || old)
        found.push_back(
            {"backlog", old ? "a call has been pending for " +
                                  to_words(now - *backlog.oldest_pending) +
                                  ". `runs-agent deliveries list` shows what is open."
                            : count_of(backlog.undecided, "delivery waits", "deliveries wait") +
                                  " for a decision."});
}

}  // namespace

std::vector<Trouble> troubles_of(const Seen& seen) {
    std::vector<Trouble> found;
    if (seen.store.has_error())
        found.push_back({"store", "the database cannot be read or written (" +
                                      seen.store.error().message +
                                      "). Deliveries are refused meanwhile."});
    if (seen.backlog) add_calls(*seen.backlog, seen.now, found);
    if (!seen.reload_succeeded)
        found.push_back({"configuration",
                         "the new configuration has mistakes, and the one before stays in force. "
                         "`runs-agent config check` names them."});
    return found;
}

void Notices::tell(const std::string& what, const std::string& text) {
    if (waiting_.size() >= max_waiting) waiting_.pop_front();
    waiting_.push_back(what + " runs-agent (" + name_ + "): " + text);
}

void Notices::take(const Trouble& trouble, SteadyTime now) {
    Known& known = known_.try_emplace(trouble.key, Known{trouble, now, true, {}, 0}).first->second;
    if (!known.there) {
        known.there = true;
        known.since = now;
    }
    known.trouble = trouble;
    const bool new_one = !known.told_at && now - known.since >= settles;
    const bool grown =
        known.told_at && trouble.size > known.told_size && now - *known.told_at >= told_again;
    if (!new_one && !grown) return;
    known.told_at = now;
    known.told_size = trouble.size;
    tell("[trouble]", trouble.text);
}

/// Of one that is not there now: true where it is over and can be forgotten.
bool Notices::leave(Known& known, SteadyTime now) {
    if (known.there) {
        known.there = false;
        known.since = now;
    }
    if (!known.told_at) return true;  // nobody has heard of it
    if (now - known.since < settles) return false;
    tell("[recovered]", known.trouble.text);
    return true;
}

void Notices::look(const std::vector<Trouble>& troubles, SteadyTime now) {
    for (const Trouble& trouble : troubles) take(trouble, now);
    for (auto known = known_.begin(); known != known_.end();) {
        const bool there =
            std::any_of(troubles.begin(), troubles.end(),
                        [&known](const Trouble& trouble) { return trouble.key == known->first; });
        if (!there && leave(known->second, now))
            known = known_.erase(known);
        else
            ++known;
    }
}

std::optional<std::string> Notices::next() const {
    return waiting_.empty() ? std::nullopt : std::optional(waiting_.front());
}

void Notices::sent() {
    if (!waiting_.empty()) waiting_.pop_front();
}

net::HttpRequest notice_request(const std::string& url, const std::string& text) {
    std::string escaped;  // what others wrote must not become a link or a mention
    for (const char c : printable(text)) {
        if (c == '&')
            escaped += "&amp;";
        else if (c == '<')
            escaped += "&lt;";
        else if (c == '>')
            escaped += "&gt;";
        else
            escaped += c;
    }
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
    json.StartObject();
    json::put(json, "text", escaped);
    json.EndObject();
    net::HttpRequest request;
    request.method = "POST";
    request.target = url;
    request.headers.add("Content-Type", "application/json");
    request.body.assign(buffer.GetString(), buffer.GetSize());
    request.max_answer = 64UL * 1024;
    return request;
}

}  // namespace runs_agent::agent
