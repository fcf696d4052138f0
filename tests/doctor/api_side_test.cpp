// SPDX-License-Identifier: MIT
#include "doctor/api_side.hpp"

#include "expecting.hpp"

namespace runs_agent::doctor {
namespace {

ApiSeen answered(int status, std::string words = "") {
    ApiSeen seen;
    seen.address = "https://api/v1";
    seen.key_given = true;
    seen.status = status;
    seen.words = std::move(words);
    return seen;
}

TEST(ApiSide, Key) {
    expect(judge_api_key(answered(200)), Verdict::ok);
    expect(judge_api_key(answered(401, "Invalid")), Verdict::wrong, {"Invalid", "read & write"});
    expect(judge_api_key(answered(403, "No")), Verdict::wrong, {"403"});
    expect(judge_api_key(answered(404)), Verdict::wrong, {"/v1"});
    expect(judge_api_key(answered(503)), Verdict::warning, {"503"});
    expect(judge_api_key(answered(301)), Verdict::wrong, {"redirect", "CURRENTS_API_URL"});
    expect(judge_api_key(answered(0, "no route")), Verdict::wrong, {"no route", "HTTPS_PROXY"});
    ApiSeen seen = answered(0, "the key holds a space");
    seen.key_fault = true;
    expect(judge_api_key(seen), Verdict::wrong, {"holds a space", "the key alone"});
    seen.key_given = false;
    expect(judge_api_key(seen), Verdict::not_looked_at);
    seen.own = true;
    expect(judge_api_key(seen), Verdict::ok, {"of this program"});
    seen.own_is_guessed = true;
    expect(judge_api_key(seen), Verdict::not_looked_at, {"start the daemon"});
}

TEST(ApiSide, Projects) {
    ApiSeen seen = answered(200);
    seen.projects = {"a", "b"};
    expect(judge_projects(seen, {})[0], Verdict::ok, {"none is named"});
    expect(judge_projects(seen, {"a"})[0], Verdict::ok, {"a is there"});
    expect(judge_projects(seen, {"a", "b"})[0], Verdict::ok, {"all 2"});
    const Findings found = judge_projects(seen, {"a", "x", "y"});
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].of, "x");
    expect(found[1], Verdict::wrong, {"no project of that id"});
    seen.more = true;
    expect(judge_projects(seen, {"x"})[0], Verdict::not_looked_at);
    expect(judge_projects(answered(401), {"x"})[0], Verdict::not_looked_at);
}

}  // namespace
}  // namespace runs_agent::doctor
