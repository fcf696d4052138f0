#include "decide/attempt.hpp"

#include <algorithm>

namespace runs_agent::decide {

namespace {

constexpr Time unknown{};
/// Beginnings that are told so close to each other, with no end between them, are one.
constexpr std::chrono::milliseconds one_beginning = std::chrono::seconds(30);
constexpr std::chrono::milliseconds a_moment{1};

/// Says nothing of whether the attempt goes on: an end has a conclusion, and what is told when the
/// `status` is that of an end already cannot be a beginning.
bool contradicts_itself(const WorkflowRun& run) {
    if (run.action == "completed") return run.conclusion.empty();
    return run.status == "completed" && run.conclusion != "action_required";
}

bool same_start(const Moment& one, const Moment& other) {
    return one.started_at != unknown && one.started_at == other.started_at;
}

/// Can it be said which of the two is the later one, or that they are of one life?
bool can_be_compared(const Moment& one, const Moment& other) {
    const bool times = one.at != unknown && other.at != unknown && one.at != other.at;
    const bool starts = one.started_at != unknown && other.started_at != unknown;
    return times || starts;
}

}  // namespace

bool is_later(const Moment& one, const Moment& other) {
    if (one.at != unknown && other.at != unknown && one.at != other.at) return one.at > other.at;
    const bool starts = one.started_at != unknown && other.started_at != unknown;
    if (!starts || one.started_at <= other.started_at) return false;
    // GitHub's times are in seconds, and a re-run may begin in the second in which it ended. But
    // who began before the other was so is of one life with it, however the beginning is told.
    return other.at == unknown || one.started_at >= other.at;
}

Time KnownAttempt::went_on_after() const {
    Time end = completed() ? ended_before_that : unknown;
    if (!completed() && !conclusion.empty())
        // Of an end without a time it is known that it came before what is later began.
        end = ended.at != unknown ? ended.at
                                  : std::max(ended.started_at, alive.started_at - a_moment);
    const bool anew =
        first_started_at != unknown && started_at() > first_started_at + one_beginning;
    return anew ? std::max(end, started_at() - a_moment) : end;
}

Time KnownAttempt::within() const {
    const Moment& newest = completed() ? ended : alive;
    const Time told = newest.at != unknown ? newest.at : newest.started_at;
    const Time after = went_on_after();
    return after == unknown ? told : std::max(told, after + a_moment);
}

bool is_end(std::string_view action, std::string_view conclusion) {
    return action == "completed" && !conclusion.empty() && conclusion != "action_required";
}

bool tells_end(const WorkflowRun& run) {
    return is_end(run.action, run.conclusion);
}

Moment moment_of(const WorkflowRun& run) {
    // A server that tells only when it began has told nothing of when this was so.
    const bool told = run.updated_at != unknown && !contradicts_itself(run);
    return {run.started_at, told ? std::max(run.started_at, run.updated_at) : unknown};
}

News news_of(const KnownAttempt& known, const WorkflowRun& run) {
    const Moment told = moment_of(run);
    const bool has_ended = known.completed();
    const bool knows_end = !known.conclusion.empty();
    if (!tells_end(run)) {
        if (!has_ended) return News::goes_on;
        if (is_later(told, known.ended)) return News::new_life;
        if (contradicts_itself(run) || can_be_compared(told, known.ended)) return News::none;
        return News::unclear;
    }
    if (known.unclear) return News::unclear;
    // An end that something later is known of is that of an earlier life.
    if (is_later(known.alive, told)) return News::none;
    if (known.alive != Moment() && told.at == unknown && !can_be_compared(told, known.alive))
        return News::unclear;
    if (!knows_end) return News::end;
    if (!has_ended) return is_later(told, known.ended) ? News::end : News::none;
    if (is_later(known.ended, told)) return News::none;
    // Told again, or in other words: a run is touched after its end, too.
    const bool is_new = is_later(told, known.ended) && !same_start(told, known.ended);
    return is_new ? News::new_end : News::end;
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
        const bool fills_in = known.alive.at == unknown && same_start(told, known.alive);
        if (known.alive == Moment() || news == News::new_life || fills_in ||
            is_later(told, known.alive))
            known.alive = told;
        // Whatever it was that had no time, this is known to go on.
        if (news == News::new_life) known.unclear = false;
        return;
    }
    const bool knows_end = !known.conclusion.empty();
    if (!knows_end) {
        known.ended = told;
        known.conclusion = run.conclusion;
    } else if (known.completed() && same_start(told, known.ended)) {
        known.ended.at = std::max(known.ended.at, told.at);
    } else if (is_later(told, known.ended)) {
        known.ended_before_that = std::max(known.ended_before_that, known.ended.at);
        known.ended = told;
        known.conclusion = run.conclusion;
    } else if (is_later(known.ended, told)) {
        known.ended_before_that = std::max(known.ended_before_that, told.at);
    }
}

}  // namespace runs_agent::decide
