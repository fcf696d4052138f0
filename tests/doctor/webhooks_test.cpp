// SPDX-License-Identifier: MIT
#include "doctor/webhooks.hpp"

#include "expecting.hpp"

namespace runs_agent::doctor {
namespace {

NoHookSeen none_of(const std::string& owner) {
    NoHookSeen seen;
    seen.owner = owner;
    return seen;
}

TEST(Webhooks, OneThatIsGone) {
    NoHookSeen seen = none_of("octo/shop");
    seen.gone = "webhook 1 of octo/shop";
    const Finding found = judge_no_hook(seen);
    expect(found, Verdict::wrong, {"gone", "no webhook of octo/shop", "Where to put"});
    EXPECT_EQ(found.of, seen.gone);
    seen.others = 1;
    expect(judge_no_hook(seen), Verdict::wrong, {"lists 1 other of octo/shop"});
    seen.others = 2;
    expect(judge_no_hook(seen), Verdict::wrong, {"2 others"});
    seen.above_unread = true;
    expect(judge_no_hook(seen), Verdict::wrong);
    seen.app_heard = true;
    expect(judge_no_hook(seen), Verdict::warning, {"App", "installed on octo/shop"});
    seen.told_by = "webhook 2 of octo";
    expect(judge_no_hook(seen), Verdict::ok, {"webhook 2 of octo"});
}

TEST(Webhooks, ARepositoryWithoutOne) {
    NoHookSeen seen = none_of("octo/new");
    expect(judge_no_hook(seen), Verdict::wrong, {"none of its 0 webhooks", "a path"});
    EXPECT_EQ(judge_no_hook(seen).of, "octo/new");
    seen.url = "https://h/x?token=s3cret";
    expect(judge_no_hook(seen), Verdict::wrong, {"https://h/x?***"});
    seen.above_unread = true;
    expect(judge_no_hook(seen), Verdict::warning, {"organization", "could not be read"});
    seen.app_heard = true;
    expect(judge_no_hook(seen), Verdict::warning, {"App", "installed"});
    seen.told_by = "webhook 2 of octo";
    expect(judge_no_hook(seen), Verdict::ok, {"webhook 2 of octo"});
}

TEST(Webhooks, AListThatCannotBeRead) {
    NoHookSeen seen = none_of("octo/shop");
    seen.fault = NotGot{403, "Resource not accessible", false};
    expect(judge_no_hook(seen), Verdict::not_looked_at, {"403", "Webhooks: read"});
    seen.fault->limited = true;
    expect(judge_no_hook(seen), Verdict::not_looked_at, {"later"});
    EXPECT_EQ(judge_no_hook(seen).cure.find("right to"), std::string::npos);
}

}  // namespace
}  // namespace runs_agent::doctor
