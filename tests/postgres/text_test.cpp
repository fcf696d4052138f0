// SPDX-License-Identifier: MIT
// Texts and SQL on their way to PostgreSQL, and what its errors mean.
#include "postgres/connection.hpp"
#include "postgres/error.hpp"
#include "postgres/storable.hpp"

#include <gtest/gtest.h>

namespace runs_agent::postgres {
namespace {

TEST(Storable, KeepsWhatIsUtf8AndReplacesTheRest) {
    EXPECT_EQ(storable("plain"), "plain");
    EXPECT_EQ(storable("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
    EXPECT_EQ(storable(std::string_view("a\0b", 3)),
              "a\xef\xbf\xbd"
              "b");
    EXPECT_EQ(storable("\xff"), "\xef\xbf\xbd");
    EXPECT_EQ(storable("\xed\xa0\x80").find('\xed'), std::string::npos) << "half a surrogate pair";
    EXPECT_EQ(quoted_element("a\"b\\c,{}"), "\"a\\\"b\\\\c,{}\"");
}

TEST(WithDollars, WritesParametersAsPostgresDoes) {
    EXPECT_EQ(with_dollars("a = ? AND b = ?"), "a = $1 AND b = $2");
    EXPECT_EQ(with_dollars("?2 ?1 ?2 ?"), "$2 $1 $2 $3");
    EXPECT_EQ(with_dollars("?12,'what?' || 'it''s?' || ?"), "$12,'what?' || 'it''s?' || $13");
}

TEST(PostgresErrorTest, SaysWhatMayPass) {
    for (const char* const state : {"", "08006", "57P01", "57P03", "25006", "25P03"}) {
        EXPECT_TRUE(PostgresError(state, "").lost_connection()) << state;
        EXPECT_TRUE(PostgresError(state, "").passes()) << state;
    }
    for (const char* const state : {"40P01", "40001", "55P03", "57014", "53300"}) {
        EXPECT_FALSE(PostgresError(state, "").lost_connection()) << state;
        EXPECT_TRUE(PostgresError(state, "").passes()) << state;
    }
    for (const char* const state : {"23505", "42P01", "22021"})
        EXPECT_FALSE(PostgresError(state, "").passes()) << state;
}

}  // namespace
}  // namespace runs_agent::postgres
