// SPDX-License-Identifier: MIT
// The rules, against random histories. Each is told twice: by webhooks, and by catching up alone.
// SEED=N HISTORIES=1 plays one again; HISTORIES=N plays more.
#include "tests/decide/play.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

namespace runs_agent::decide::tests {
namespace {

using namespace std::chrono_literals;

constexpr int shards = 4;
constexpr std::int64_t usual_histories = 100'000;

std::int64_t number_from(const char* variable, std::int64_t otherwise) {
    const char* const text = std::getenv(variable);
    return text == nullptr ? otherwise : std::atoll(text);
}

Policy make_policy(std::uint64_t seed) {
    Random random(~seed);
    Policy policy;
    Settings& settings = policy.defaults;
    settings.superseded = random.percent(70);
    settings.sweep_orphans = random.percent(30);
    settings.cancel_workflow = random.percent(30);
    settings.machine_id = "e2e-${{ matrix.shard }}";
    settings.jobs = {"e2e (${{ matrix.shard }})"};
    if (random.percent(20))
        for (int i = 1; i <= 12; ++i) settings.project_ids.push_back("p" + std::to_string(i));
    if (random.percent(30))
        settings.ci_build_id =
            std::get<BuildIdTemplate>(BuildIdTemplate::parse("${{ github.run_id }}"));
    return policy;
}

std::string name(const MadeRun& run, const Place& place) {
    return "run " + std::to_string(run.facts.run_number) + " attempt " +
           std::to_string(place.attempt) + " life " + std::to_string(place.life);
}

/// Every attempt's newest life that GitHub says is over or superseded is cancelled, where it was
/// left in progress; every other is as its reporter left it.
void check(const MadeRun& run, const MadeAttempt& attempt, const Settings& settings, Play& play,
           std::vector<std::string>& breaches) {
    const Place place{run.facts.key.run_id, attempt.number,
                      static_cast<int>(attempt.lives.size()) - 1};
    const Life& life = attempt.lives.back();
    const Recorded* const recorded = play.recorded(place);
    if (recorded == nullptr) return;
    const bool bad = Truth::ended_badly(life);
    const bool is_newest = attempt.number == run.attempts.back().number;
    const bool superseded = settings.superseded && play.truth.is_superseded(place);
    const bool again = !is_newest && !play.is_shared();
    const bool swept = settings.sweep_orphans && life.ended;
    const bool may_wait = play.is_shared() && !is_newest;
    const bool is_told =
        !play.truth.lacked_times(place.run_id) && !play.truth.looks_like_fewer_lives(run);
    const bool pointless = superseded && !life.ended && play.truth.is_plainly_superseded(place) &&
                           !play.was_overlooked(place);
    const bool stale = bad || again || swept || pointless;
    if (stale && is_told && !may_wait && !life.waits_for_approval &&
        recorded->state == Recorded::State::in_progress)
        breaches.push_back(name(run, place) + " was left in progress");
    if (recorded->state != Recorded::State::cancelled) return;
    // Lives share their ids, so what ended one may have ended what the other recorded.
    if (attempt.lives.size() > 1 || play.is_shared() || life.waits_for_approval) return;
    if (!stale && !superseded) breaches.push_back(name(run, place) + " was healthy");
    if (life.reporter_ends && life.ended && !bad && !superseded)
        breaches.push_back(name(run, place) + " was complete and is cancelled");
}

/// What is wrong after that history; nothing, where all is well.
std::vector<std::string> judge(const World& world, const Policy& policy, Play& play) {
    std::vector<std::string> breaches = play.breaches;
    for (const auto& [key, times] : play.sent)
        if (times > 1) breaches.push_back(key + " was sent " + std::to_string(times) + " times");
    for (const MadeRun& run : world.runs)
        for (const MadeAttempt& attempt : run.attempts)
            check(run, attempt, policy.defaults, play, breaches);
    return breaches;
}

/// Which of these are of runs of which all could be known?
std::set<std::string> well_told(const std::set<std::string>& causes, const World& world,
                                const Truth& truth) {
    std::set<std::string> found = causes;
    for (const MadeRun& run : world.runs)
        if (truth.lacked_times(run.facts.key.run_id) || truth.looks_like_fewer_lives(run))
            std::erase_if(found, [&](const std::string& cause) {
                return cause.find("/" + std::to_string(run.facts.key.run_id) + "/") !=
                       std::string::npos;
            });
    return found;
}

/// What became of a seed.
struct Played {
    std::vector<std::string> breaches;
    std::vector<std::string> story;
    int resets = 0;
    int workflows_cancelled = 0;
};

Played play(std::uint64_t seed, bool is_telling = false) {
    const World world = make_world(seed);
    const Policy policy = make_policy(seed);
    Play told(world, policy, Teller(world, seed + 1).by_webhooks(), is_telling);
    told.run();
    Play listed(world, policy, Teller(world, seed + 1).by_lists(), is_telling);
    listed.run();

    Played played{judge(world, policy, told), told.story, told.resets, told.workflows_cancelled};
    played.story.emplace_back("caught up with:");
    played.story.insert(played.story.end(), listed.story.begin(), listed.story.end());
    for (const std::string& breach : judge(world, policy, listed))
        played.breaches.push_back("caught up with: " + breach);
    for (const Rule rule : {Rule::cancelled, Rule::orphaned}) {
        const auto by_webhooks = well_told(told.wanted(rule), world, told.truth);
        const auto by_lists = well_told(listed.wanted(rule), world, told.truth);
        if (by_webhooks == by_lists) continue;
        std::string text = "caught up with, " + std::string(to_string(rule)) + " differs:";
        for (const std::string& cause : by_webhooks)
            if (!by_lists.contains(cause)) text += " webhooks alone " + cause;
        for (const std::string& cause : by_lists)
            if (!by_webhooks.contains(cause)) text += " lists alone " + cause;
        played.breaches.push_back(text);
    }
    return played;
}

class Histories : public testing::TestWithParam<int> {};

TEST_P(Histories, EveryStaleRunIsCancelledAndNoOther) {
    const auto first = static_cast<std::uint64_t>(number_from("SEED", 1));
    const std::int64_t all = number_from("HISTORIES", usual_histories);
    std::int64_t played = 0;
    for (std::int64_t i = GetParam(); i < all; i += shards, ++played) {
        const std::uint64_t seed = first + static_cast<std::uint64_t>(i);
        if (play(seed).breaches.empty()) continue;
        std::string text;
        const Played again = play(seed, true);
        for (const std::string& line : again.story) text += "\n  " + line;
        for (const std::string& breach : again.breaches) text += "\n  " + breach;
        FAIL() << "play it again with SEED=" << seed << " HISTORIES=1:" << text;
    }
    RecordProperty("histories", std::to_string(played));
    std::cout << played << " histories from seed " << first << "\n";
}

INSTANTIATE_TEST_SUITE_P(Shard, Histories, testing::Range(0, shards));

// The proof is worth nothing if it cannot fail.
TEST(HistoriesTest, TheWorldHoldsWhatTheRulesAreAbout) {
    std::map<std::string, int> seen;
    const auto count = [&seen](const char* what, bool is_there) { seen[what] += is_there ? 1 : 0; };
    for (std::uint64_t seed = 1; seed <= 600; ++seed) {
        const World world = make_world(seed);
        const Truth truth(world);
        count("server without attempts", !world.circumstances.has_attempts);
        count("server without updated_at", !world.circumstances.tells_updated_at);
        for (const MadeRun& run : world.runs) {
            count("re-run", run.attempts.size() > 1);
            for (const MadeAttempt& attempt : run.attempts)
                for (int life = 0; life < static_cast<int>(attempt.lives.size()); ++life) {
                    const Place place{run.facts.key.run_id, attempt.number, life};
                    const Life& here = truth.life(place);
                    count("superseded", truth.is_superseded(place));
                    count("bad end", Truth::ended_badly(here));
                    count("second life", life > 0);
                    count("life with another's start", here.keeps_start());
                    count("superseded life with another's start",
                          here.keeps_start() && truth.is_superseded(place));
                    count("beginning told late", here.seen_going_on > here.started + 60s);
                    count("approval", here.waits_for_approval);
                    for (const Job& job : here.jobs) {
                        count("dead job", job.died);
                        count("cut job name", job.name.ends_with("..."));
                        count("job without a runner", !job.has_runner);
                    }
                }
        }
        std::set<std::string> guids;
        for (const Delivery& delivery : Teller(world, seed + 1).by_webhooks()) {
            count("late", delivery.at > world.end);
            count("without times", !delivery.has_times);
            count("two hooks", !guids.insert(delivery.guid).second);
        }
        const Played played = play(seed);
        count("machine reset", played.resets > 0);
        count("workflow cancelled", played.workflows_cancelled > 0);
    }
    for (const auto& [what, times] : seen) EXPECT_GT(times, 15) << what;
    EXPECT_EQ(seen.size(), 18U);
}

}  // namespace
}  // namespace runs_agent::decide::tests
