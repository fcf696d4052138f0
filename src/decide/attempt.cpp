// SPDX-License-Identifier: MIT
#include "decide/attempt.hpp"

#include <algorithm>
#include <utility>

namespace runs_agent::decide {

namespace {

constexpr Time unknown{};
/// Beginnings that are told so close to each other, with no end between them, are one.
constexpr std::chrono::milliseconds one_beginning = std::chrono::seconds(30);
constexpr std::chrono::milliseconds a_moment{1};
/// GitHub's times are in seconds. Of one second come, in this order: what is asked for at an end,
/// what is asked for once more when a doubt has passed, that a life after it began, and what is
/// asked for in that life.
constexpr std::chrono::milliseconds until_it_went_on = 2 * a_moment;
constexpr std::chrono::milliseconds until_it_began = 4 * a_moment;

/// Says nothing of whether the attempt goes on: an end has a conclusion, and what is told when the
/// `status` is that of an end already cannot be a beginning.
bool contradicts_itself(const WorkflowRun& run) {
    if (run.action == "completed") return run.conclusion.empty();
    return run.status == "completed" && run.conclusion != "action_required";
}

bool same_start(const Moment& one, const Moment& other) {
    return one.started_at != unknown && one.started_at == other.started_at;
}

bool is_told(const Moment& moment) {
    return moment != Moment();
}

/// The last that a moment is known to have been reached: nothing is so before it began.
Time reached(const Moment& moment) {
    return std::max(moment.started_at, moment.at);
}

/// Of two ends, the one that came later, as far as their times say; each pair is ordered in some
/// way, so that the order in which they are told does not count.
bool supersedes(const Moment& one, const Moment& other) {
    return std::pair(reached(one), one.started_at) > std::pair(reached(other), other.started_at);
}

/// Of two ends, is this certainly that of a later life, or the same end told later?
bool is_later_end(const Moment& one, const Moment& other) {
    if (one.at != unknown && other.at != unknown && one.at != other.at) return one.at > other.at;
    // What began after the other had ended is of a life after it, whatever else is not told.
    if (other.at != unknown && one.started_at > other.at) return true;
    const bool starts = one.started_at != unknown && other.started_at != unknown;
    if (!starts || one.started_at <= other.started_at) return false;
    return other.at == unknown || one.at == other.at || one.started_at >= other.at;
}

/// A time within the life that a moment is of; 0: not known. In the second in which it began,
/// another life may have ended.
Time within(const Moment& moment) {
    const bool has_begun = moment.started_at != unknown && moment.at <= moment.started_at;
    return has_begun ? moment.started_at + until_it_began : moment.at;
}

Time earliest(Time one, Time other) {
    return one == unknown || other == unknown ? std::max(one, other) : std::min(one, other);
}

/// Is the start that is told of a life that goes on the one of a life before it, or none?
bool has_no_start_of_its_own(const KnownAttempt& attempt) {
    return attempt.started_at() == unknown ||
           (!attempt.conclusion.empty() && attempt.started_at() < attempt.ended.at);
}

void join(Moment& known, const Moment& told) {
    known.started_at = std::max(known.started_at, told.started_at);
    known.at = std::max(known.at, told.at);
}

}  // namespace

Order order_of(const Moment& alive, const Moment& ended) {
    if (!is_told(alive)) return Order::before;
    if (alive.at != unknown && ended.at != unknown && reached(alive) != ended.at)
        return reached(alive) > ended.at ? Order::after : Order::before;
    if (alive.started_at != unknown && ended.started_at != unknown) {
        if (alive.started_at <= ended.started_at) return Order::before;
        // GitHub's times are in seconds, and a re-run may begin in the second in which it ended.
        // But what began before the end was so is of one life with it, however that is told.
        const bool anew = ended.at == unknown || alive.started_at >= ended.at;
        return anew ? Order::after : Order::before;
    }
    if (alive.started_at != unknown && ended.at != unknown && alive.started_at != ended.at)
        return alive.started_at > ended.at ? Order::after : Order::before;
    const bool began_later =
        alive.at != unknown && ended.at == unknown && alive.at <= ended.started_at;
    return began_later ? Order::before : Order::unclear;
}

bool KnownAttempt::is_in_doubt() const {
    return doubt == Doubt::lasting ||
           (!conclusion.empty() && order_of(alive, ended) == Order::unclear);
}

Time KnownAttempt::went_on_after() const {
    Time end = completed() ? ended_before_that : unknown;
    if (!completed() && !conclusion.empty()) {
        // Of an end without a time it is known that it came before what is later began. One with a
        // time is later than that of the life before, whatever it says of its own.
        const Time told = std::max(decide::within(ended), ended_before_that + a_moment);
        end = ended.at != unknown ? told + until_it_went_on
                                  : std::max(ended.started_at, alive.started_at - a_moment);
    }
    const bool anew =
        first_started_at != unknown && started_at() > first_started_at + one_beginning;
    return anew ? std::max(end, started_at() - a_moment) : end;
}

Time KnownAttempt::within() const {
    const Moment& newest = completed() ? ended : alive;
    const Time told = decide::within(newest);
    const Time after = went_on_after();
    return after == unknown ? told : std::max(told, after + a_moment);
}

Time KnownAttempt::began_no_sooner_than() const {
    return completed() || conclusion.empty() ? started_at() : std::max(started_at(), ended.at);
}

Time KnownAttempt::had_begun_by() const {
    if (completed() || !has_no_start_of_its_own(*this)) return started_at();
    const Time first = first_alive_after(tellings, conclusion.empty() ? unknown : ended.at);
    return first != unknown ? first : alive.at;
}

Tellings KnownAttempt::ends() const {
    Tellings all;
    if (!completed()) return all;
    for (const Telling& one : tellings)
        if (!one.conclusion.empty() && one.conclusion != conclusion &&
            order_of(alive, {ended.started_at, one.at}) != Order::after)
            all.push_back(one);
    all.push_back({ended.at, conclusion});
    std::reverse(all.begin(), all.end());
    return all;
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
        Moment alive = known.alive;
        join(alive, told);
        const Order order = is_told(told) ? order_of(alive, known.ended) : Order::unclear;
        if (order == Order::after) return News::new_life;
        return order == Order::before || contradicts_itself(run) ? News::none : News::unclear;
    }
    if (known.doubt == Doubt::lasting) return News::unclear;
    // An end that something later is known of is that of an earlier life.
    const Order order = order_of(known.alive, told);
    if (order == Order::after) return News::none;
    if (order == Order::unclear)
        return has_ended && !known.is_in_doubt() ? News::none : News::unclear;
    if (!knows_end) return News::end;
    if (!has_ended) return supersedes(told, known.ended) ? News::end : News::none;
    if (is_later_end(known.ended, told)) {
        // Told late, in other words: each of them acts, since nothing tells of two lives.
        const bool another = same_start(told, known.ended) && run.conclusion != known.conclusion;
        return another ? News::end : News::none;
    }
    // Told again, or in other words: a run is touched after its end, too.
    const bool is_new = is_later_end(told, known.ended) && !same_start(told, known.ended);
    return is_new ? News::new_end : News::end;
}

namespace {

void note_earlier_life(KnownAttempt& known, const Moment& ended) {
    known.ended_before_that = std::max(known.ended_before_that, within(ended) + until_it_went_on);
}

/// What goes on between two tellings of one end shows that they were the ends of two lives: all
/// that was told to have ended before it is of an earlier one.
void split_lives(KnownAttempt& known) {
    if (known.ended_first_at == unknown) return;
    const Moment first{known.ended.started_at, known.ended_first_at};
    if (order_of(known.alive, first) != Order::after ||
        order_of(known.alive, known.ended) != Order::before)
        return;
    note_earlier_life(known, first);
    known.ended_before_that = std::max(known.ended_before_that, reached(known.alive) - a_moment);
}

void merge_beginning(KnownAttempt& known, const WorkflowRun& run, News news) {
    const Moment told = moment_of(run);
    join(known.alive, told);
    if (told.at != unknown) note_telling(known.tellings, {told.at, {}});
    if (news == News::new_life) known.doubt = Doubt::none;
    if (news != News::unclear) return;
    if (!is_told(told)) {
        known.doubt = Doubt::lasting;
        return;
    }
    // An end without a time, of an attempt that is told of with times, may be that of any life.
    if (!is_told(known.ended)) known.conclusion.clear();
    if (known.doubt == Doubt::none) known.doubt = Doubt::passing;
}

void merge_end(KnownAttempt& known, const WorkflowRun& run) {
    const Moment told = moment_of(run);
    if (!is_told(told) && is_told(known.alive)) return;
    if (known.conclusion.empty()) {
        known.ended = told;
        known.ended_first_at = told.at;
        known.conclusion = run.conclusion;
        forget_ends(known.tellings);
        note_telling(known.tellings, {told.at, run.conclusion});
        return;
    }
    const bool newer = supersedes(told, known.ended);
    const Moment earlier = newer ? known.ended : told;
    const bool is_same = same_start(told, known.ended) &&
                         (!is_told(known.alive) || order_of(known.alive, earlier) != Order::after);
    if (!is_same && is_later_end(newer ? told : known.ended, earlier))
        note_earlier_life(known, earlier);
    if (same_start(told, known.ended)) {
        known.ended_first_at = earliest(known.ended_first_at, told.at);
    } else if (newer) {
        known.ended_first_at = told.at;
        forget_ends(known.tellings);
    }
    if (newer || same_start(told, known.ended))
        note_telling(known.tellings, {told.at, run.conclusion});
    if (!newer) return;
    known.ended = told;
    known.conclusion = run.conclusion;
}

}  // namespace

void merge_event(KnownAttempt& known, const WorkflowRun& run) {
    const News news = news_of(known, run);
    const Time started = moment_of(run).started_at;
    known.first_started_at = earliest(known.first_started_at, started);
    if (tells_end(run))
        merge_end(known, run);
    else
        merge_beginning(known, run, news);
    if (!known.conclusion.empty()) forget_beginnings_until(known.tellings, known.ended.at);
    split_lives(known);
}

}  // namespace runs_agent::decide
