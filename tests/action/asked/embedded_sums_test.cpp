// SPDX-License-Identifier: MIT
#include "agent/action/asked/embedded_sums.hpp"

#include <gtest/gtest.h>

namespace runs_agent::agent::action {
namespace {

TEST(EmbeddedSums, AreReplacedByTheirValue) {
    const std::pair<const char*, const char*> cases[] = {
        {"currents-1001-<%= 2 - 1 %>", "currents-1001-1"},
        {"<%=12-1%>", "11"},
        {"<%=\t10\n -  1 %>-e2e", "9-e2e"},
        {"a<%= 7 %>b<%= 1 + 2 %>", "a7b3"},
        {"<%= 1 - 2 %>", "-1"},
        {"<%= 999999999999999 + 1 %>", "1000000000000000"},
        {"nothing % > < %= here %>", "nothing % > < %= here %>"},
        {"", ""},
    };
    for (const auto& [text, expected] : cases)
        EXPECT_EQ(*evaluate_sums(text, "x"), expected) << text;
}

TEST(EmbeddedSums, AnythingElseIsAnErrorThatSaysWhatIsUnderstood) {
    for (const char* const text :
         {"a-<%= 2 - 1", "a-<%", "a-<%= %>", "a-<%= x %>", "a-<% 1 %>", "a-<%- 2 - 1 %>",
          "a-<%= 2 * 1 %>", "a-<%= 2 - 1 - 1 %>", "a-<%= 2 - %>", "a-<%= - 1 %>", "a-<%= 2 1 %>",
          "a-<%= 1.5 %>", "a-<%= 1234567890123456 %>", "a-<%= ${{ github.run_attempt }} - 1 %>",
          "a-<%= 2 - 1 <%= 1 %> %>"}) {
        const auto made = evaluate_sums(text, "previous-ci-build-id");
        ASSERT_TRUE(made.has_error()) << text << " became " << *made;
        EXPECT_EQ(made.error().code, Errc::bad_input);
        EXPECT_EQ(made.error().message.rfind("previous-ci-build-id, character 3: ", 0), 0U)
            << made.error().message;
        EXPECT_NE(made.error().message.find("<%= ${{ github.run_attempt }} - 1 %>"),
                  std::string::npos);
    }
    EXPECT_EQ(evaluate_sums("<%= 1 %><%", "x").error().message.rfind("x, character 9: ", 0), 0U);
}

}  // namespace
}  // namespace runs_agent::agent::action
