// SPDX-License-Identifier: MIT
#include "webhooks/catching_up/request_budget.hpp"

#include <algorithm>

namespace runs_agent::webhooks {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds usual_pause = 5min;
constexpr std::chrono::milliseconds shortest_pause = 1s;
constexpr std::chrono::milliseconds longest_pause = 1h;
constexpr int most_troubled = 3;

}  // namespace

void RequestBudget::begin_part(int allowed) {
    allowed_ = allowed;
    over_ = false;
    troubled_ = 0;
    trouble_.clear();
}

bool RequestBudget::is_open(const std::string& owner) {
    const OfToken& token = tokens_[token_of_(owner)];
    const bool open = !over() && !token.closed && token.requests < allowed_;
    if (!open) cut_short_ = true;
    return open;
}

bool RequestBudget::may_ask(const std::string& owner) {
    const bool open = is_open(owner);
    if (open) ++tokens_[token_of_(owner)].requests;
    return open;
}

bool RequestBudget::may_ask_of(const std::string& repository) {
    if (!left_.contains(repository)) return may_ask(repository);
    cut_short_ = true;
    return false;
}

bool RequestBudget::may_finish(const std::string& repository) {
    OfToken& token = tokens_[token_of_(repository)];
    if (over() || token.closed || left_.contains(repository)) return false;
    ++token.requests;
    return true;
}

bool RequestBudget::note(Verdict verdict, const Subject& subject,
                         std::optional<std::chrono::milliseconds> retry_after) {
    const bool is_trouble = verdict == Verdict::failed || verdict == Verdict::unreachable;
    // One that does not answer may be to blame for it itself; several in a row are GitHub's.
    if (!is_trouble) {
        troubled_ = 0;
        trouble_.clear();
    } else if (trouble_ != subject.about) {
        trouble_ = subject.about;
        over_ = over_ || ++troubled_ >= most_troubled;
        cut_short_ = cut_short_ || over_;
    }
    if (verdict == Verdict::unreachable) left_.insert(subject.about);
    if (verdict != Verdict::limited && verdict != Verdict::unauthorized) return !is_trouble;
    OfToken& token = tokens_[token_of_(subject.owner)];
    token.closed = true;
    if (verdict == Verdict::limited)
        token.wait = std::clamp(retry_after.value_or(usual_pause), shortest_pause, longest_pause);
    return false;
}

std::chrono::milliseconds RequestBudget::pause() const {
    std::optional<std::chrono::milliseconds> shortest;
    for (const auto& [name, token] : tokens_) {
        if (!token.wait) return usual_pause;
        shortest = std::min(shortest.value_or(longest_pause), *token.wait);
    }
    return shortest.value_or(usual_pause);
}

}  // namespace runs_agent::webhooks
