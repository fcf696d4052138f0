// SPDX-License-Identifier: MIT
// Random recordings: several machines, parts of one spec, namesakes, resets, announcements late or
// doubled, lost answers. What failed anywhere and was not run again since shows as failed, and no
// healthy run does. SEED=N RECORDINGS=1 plays one again and tells its story; RECORDINGS=N plays
// more.
#include "runs_server/setup/schema.hpp"
#include "tests/runs_server/recording/recording_play.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

namespace runs_agent::runs_server::tests {
namespace {

constexpr std::int64_t usual_recordings = 2000;

std::int64_t number_from(const char* variable, std::int64_t otherwise) {
    const char* const text = std::getenv(variable);
    return text == nullptr ? otherwise : std::atoll(text);
}

/// In memory, with the project and the record key that the world uses.
class Recordings : public testing::Test {
protected:
    Recordings() {
        database_.migrate(migrations());
        database_.execute(
            "INSERT INTO projects(id, name, created_at) VALUES('p1', 'p1', 0);"
            "INSERT INTO keys(kind, name, hash, read_only, created_at) VALUES('record', 'ci',"
            " '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae', 0, 0)");
    }

    sqlite::Database database_{":memory:"};
};

TEST_F(Recordings, WhatFailedAnywhereAndWasNotRunAgainSinceShowsAsFailed) {
    const auto first = static_cast<std::uint64_t>(number_from("SEED", 1));
    const std::int64_t all = number_from("RECORDINGS", usual_recordings);
    std::map<std::string, int> kinds;
    for (std::int64_t i = 0; i < all; ++i) {
        const std::uint64_t seed = first + static_cast<std::uint64_t>(i);
        database_.execute("BEGIN");
        Play play(database_, seed);
        play.play();
        database_.execute("ROLLBACK");
        for (const auto& [kind, times] : play.kinds) kinds[kind] += times;
        if (play.breaches.empty() && all > 1) continue;
        std::string text;
        for (const std::string& line : play.story) text += "\n  " + line;
        for (const std::string& line : play.breaches) text += "\n  " + line;
        std::cout << "recording " << seed << text << "\n";
        if (!play.breaches.empty()) FAIL() << "play it again with SEED=" << seed << " RECORDINGS=1";
    }
    for (const auto& [kind, times] : kinds) std::cout << kind << ": " << times << "\n";
    if (all < usual_recordings) return;
    // The proof is worth nothing if the world does not hold what it is about.
    for (const char* const kind : {"doubled", "answer lost", "suite again", "spec reset", "refused",
                                   "cancelled", "ends with failures", "ends without failures"})
        EXPECT_GT(kinds[kind], all / 60) << kind;
}

}  // namespace
}  // namespace runs_agent::runs_server::tests
