// SPDX-License-Identifier: MIT
// What the tests of findings share.
#pragma once

#include "doctor/finding.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace runs_agent::doctor {

/// The verdict, and that what is not well comes with its cure.
inline void expect(const Finding& finding, Verdict verdict,
                   std::initializer_list<const char*> words = {}) {
    const std::string all = finding.says + " | " + finding.why + " | " + finding.cure;
    EXPECT_EQ(to_string(finding.verdict), to_string(verdict)) << all;
    for (const char* const word : words)
        EXPECT_NE(all.find(word), std::string::npos) << word << " in " << all;
    const bool bad = finding.verdict == Verdict::wrong || finding.verdict == Verdict::warning;
    EXPECT_EQ(bad, !finding.why.empty()) << all;
    if (bad) {
        EXPECT_FALSE(finding.cure.empty()) << all;
    }
    if (finding.verdict == Verdict::ok) {
        EXPECT_TRUE(finding.cure.empty()) << all;
    }
}

}  // namespace runs_agent::doctor
