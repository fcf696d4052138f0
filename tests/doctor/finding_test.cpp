// SPDX-License-Identifier: MIT
#include "doctor/finding.hpp"

#include <gtest/gtest.h>

#include <set>

namespace runs_agent::doctor {
namespace {

const Findings some{wrong(Check::hook, "it is off", "nothing comes", "switch it on", "a\nb"),
                    ok(Check::settings, "all is \x1b[31mread"),
                    not_looked_at(Check::clock, "nobody answered", "ask"),
                    warning(Check::disk, "little room", "it fills", "make room")};

TEST(Finding, EachCheckHasANameOfItsOwn) {
    std::set<std::string_view> names;
    std::set<std::string_view> titles;
    const int last = static_cast<int>(Check::clock);
    for (int i = 0; i <= last; ++i) {
        names.insert(to_string(static_cast<Check>(i)));
        titles.insert(title_of(static_cast<Check>(i)));
    }
    EXPECT_EQ(names.size(), static_cast<std::size_t>(last) + 1);
    EXPECT_EQ(titles.size(), names.size());
    EXPECT_EQ(to_string(Check::hook_log), "hook_log");
}

TEST(Finding, TheTextSaysWhatWhyAndHow) {
    EXPECT_EQ(to_text({some[1], some[0]}),
              "wrong          Webhook (a b): it is off\n"
              "               why   nothing comes\n"
              "               cure  switch it on\n"
              "ok             Settings: all is  [31mread\n"
              "\n1 wrong, 0 warnings, 1 ok, 0 not looked at\n");
}

TEST(Finding, TheDocumentHasStableNames) {
    Findings sorted = some;
    put_in_order(sorted);
    EXPECT_EQ(sorted.front().check, Check::settings);
    const std::string json = to_json({sorted.back()}, Time(std::chrono::seconds(0)), "1.2");
    EXPECT_EQ(json,
              R"({"at":"1970-01-01T00:00:00.000Z","version":"1.2","verdict":"ok",)"
              R"("still_asking":false,"counts":{"ok":0,"warning":0,"wrong":0,"not_looked_at":1},)"
              R"("findings":[{"check":"clock","of":null,"title":"Clock",)"
              R"("verdict":"not_looked_at","says":"nobody answered","why":null,"cure":"ask"}]})");
    EXPECT_NE(to_json(some, Time(), "1").find(R"("verdict":"wrong","still_asking":false,"counts")"),
              std::string::npos);
    EXPECT_NE(to_json({some[3]}, Time(), "1")
                  .find(R"("verdict":"warning","still_asking":false,"counts")"),
              std::string::npos);
}

}  // namespace
}  // namespace runs_agent::doctor
