#include "decide/attempt.hpp"

#include <algorithm>

namespace runs_agent::decide {

namespace {

constexpr Time unknown{};
/// Beginnings that are told so close to each other are one.
constexpr std::chrono::milliseconds one_beginning = std::chrono::seconds(30);

/// An end is told by `completed` with a conclusion; what is told of an attempt whose `status` says
/// that it has ended cannot be a beginning.
bool contradicts_itself(const WorkflowRun& run) {
    return run.action != "completed" && run.status == "completed";
}

/// Can it be said which of the two is the later one, or that they are of one life?
bool can_be_compared(const Moment& one, const Moment& other) {
    const bool times = one.at != unknown && other.at != unknown;
    const bool starts = one.started_at != unknown && other.started_at != unknown;
    return times || starts;
}

}  // namespace

bool is_later(const Moment& one, const Moment& other) {
    const bool times = one.at != unknown && other.at != unknown;
    if (times && one.at != other.at) return one.at > other.at;
    // GitHub's times are in seconds, and a re-run may begin in the second in which it ended.
    const bool starts = one.started_at != unknown && other.started_at != unknown;
    return starts && one.started_at > other.started_at;
}

Time KnownAttempt::went_on_after() const {
    const Time end = completed() ? ended_before_that : conclusion.empty() ? unknown : ended.at;
    const bool anew =
        first_started_at != unknown && started_at() > first_started_at + one_beginning;
    return anew ? std::max(end, started_at() - std::chrono::milliseconds(1)) : end;
}

Time KnownAttempt::within() const {
    const Moment& newest = completed() ? ended : alive;
    return newest.at != unknown ? newest.at : newest.started_at;
}

bool is_end(std::string_view action, std::string_view conclusion) {
    return action == "completed" && !conclusion.empty() && conclusion != "action_required";
}

bool tells_end(const WorkflowRun& run) {
    return is_end(run.action, run.conclusion);
}

Moment moment_of(const WorkflowRun& run) {
    // A server that tells only when it began has told nothing of when this was so.
    const bool told = run.updated_at != unknown;
    return {run.started_at, told ? std::max(run.started_at, run.updated_at) : unknown};
}

News news_of(const KnownAttempt& known, const WorkflowRun& run) {
    const Moment told = moment_of(run);
    const bool has_ended = known.completed();
    const bool knows_end = !known.conclusion.empty();
    if (!tells_end(run)) {
        if (!knows_end) return News::goes_on;
        if (has_ended && contradicts_itself(run)) return News::none;
        if (has_ended && !can_be_compared(told, known.ended)) return News::unclear;
        if (!is_later(told, known.ended)) return has_ended ? News::none : News::goes_on;
        return has_ended ? News::new_life : News::goes_on;
    }
    if (known.unclear) return News::unclear;
    // An end that something later is known of is that of an earlier life.
    if (is_later(known.alive, told)) return News::none;
    if (known.alive != Moment() && !can_be_compared(told, known.alive)) return News::unclear;
    if (!knows_end) return News::end;
    if (is_later(told, known.ended)) return has_ended ? News::new_end : News::end;
    // Told again, or in other words.
    return has_ended && !is_later(known.ended, told) ? News::end : News::none;
}

void absorb(KnownAttempt& known, const WorkflowRun& run) {
    const News news = news_of(known, run);
    if (news == News::unclear) {
        known.unclear = known.unclear || !tells_end(run);
        return;
    }
    const Moment told = moment_of(run);
    const Time first = known.first_started_at;
    if (told.started_at != unknown && (first == unknown || told.started_at < first))
        known.first_started_at = told.started_at;
    if (!tells_end(run)) {
        if (known.completed() && contradicts_itself(run)) return;
        if (known.alive == Moment() || is_later(told, known.alive)) known.alive = told;
        return;
    }
    const bool knows_end = !known.conclusion.empty();
    if (!knows_end || is_later(told, known.ended)) {
        if (knows_end) known.ended_before_that = std::max(known.ended_before_that, known.ended.at);
        known.ended = told;
        known.conclusion = run.conclusion;
    } else if (is_later(known.ended, told)) {
        known.ended_before_that = std::max(known.ended_before_that, told.at);
    }
}

}  // namespace runs_agent::decide
