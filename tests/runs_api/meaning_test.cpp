// SPDX-License-Identifier: MIT
#include "runs_api/meaning.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

namespace runs_agent::runs_api {
namespace {

struct Row {
    Meaning meaning;
    std::initializer_list<int> statuses;
};

TEST(Meaning, TheTableOfStatuses) {
    const Row rows[] = {
        {Meaning::done, {200, 201, 204, 299}},
        {Meaning::no_such_run, {404}},
        {Meaning::refused, {401, 403}},
        {Meaning::later, {408, 425, 429, 500, 502, 503, 504, 507, 520, 522, 599}},
        {Meaning::not_accepted,
         {0, 100, 199, 300, 301, 304, 400, 402, 405, 409, 410, 413, 501, 505}},
    };
    for (const Row& row : rows)
        for (const int status : row.statuses)
            // Words of a run change nothing but at 422.
            for (const char* const words : {"", "Run is cancelled", "Run is complete", "x"})
                EXPECT_EQ(meaning_of(status, words), row.meaning) << status << ' ' << words;
}

TEST(Meaning, A422IsJudgedByItsWords) {
    for (const char* const words : {"", "Run is cancelled", "Run already CANCELLED",
                                    "it was canceled", "Run is complete", "COMPLETED"})
        EXPECT_EQ(meaning_of(422, words), Meaning::already_so) << words;
    for (const char* const words : {" ", "runId must be a string", "cance", "comple te"})
        EXPECT_EQ(meaning_of(422, words), Meaning::not_accepted) << words;
}

TEST(Meaning, OfWhatGotNoAnswer) {
    const auto meaning = [](Errc code) { return meaning_of(fail(code, "Run is cancelled")); };
    EXPECT_EQ(meaning(Errc::bad_input), Meaning::not_accepted);
    EXPECT_EQ(meaning(Errc::refused), Meaning::refused);
    for (const Errc code : {Errc::network, Errc::timeout, Errc::tls, Errc::too_large, Errc::busy})
        EXPECT_EQ(meaning(code), Meaning::later) << to_string(code);
}

TEST(Meaning, NoWordsSayCancelledAndNotComplete) {
    EXPECT_TRUE(says_cancelled(""));
    EXPECT_FALSE(says_complete(""));
    EXPECT_TRUE(says_cancelled("complete, then cancelled"));
    EXPECT_TRUE(says_complete("complete, then cancelled"));
    EXPECT_FALSE(says_cancelled("Run is complete"));
}

TEST(Meaning, TheFormIsDislikedAt400AndPerhapsAtA422ThatSpeaksOfNoRun) {
    EXPECT_TRUE(dislikes_form(400));
    EXPECT_TRUE(may_dislike_form(400, "Run is cancelled"));
    EXPECT_FALSE(dislikes_form(422));
    EXPECT_TRUE(may_dislike_form(422, "must be a number"));
    for (const char* const words : {"", "Run is cancelled", "Run is complete"})
        EXPECT_FALSE(may_dislike_form(422, words)) << words;
    for (const int status : {200, 302, 401, 403, 404, 409, 429, 500}) {
        EXPECT_FALSE(dislikes_form(status)) << status;
        EXPECT_FALSE(may_dislike_form(status, "x")) << status;
    }
}

}  // namespace
}  // namespace runs_agent::runs_api
