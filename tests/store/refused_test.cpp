// SPDX-License-Identifier: MIT
// A delivery that the database does not take as it is keeps no other from being decided.
#include "tests/store/store_fixture.hpp"

namespace runs_agent::store {
namespace {

class StoreRefused : public StoreTest {
protected:
    /// So many bytes that do not compress.
    static std::string noise(std::size_t size, std::uint32_t seed) {
        std::string made;
        while (made.size() < size) {
            seed = seed * 1'664'525 + 1'013'904'223;
            made += static_cast<char>('a' + (seed >> 24) % 26);
        }
        return made;
    }
    /// Any of its texts is as long as one of a payload can be.
    static NewDelivery longest(const std::string& guid, std::int64_t run_id) {
        NewDelivery made = delivery(guid, run_id);
        WorkflowRun& run = run_in(made);
        std::uint32_t seed = 1;
        for (std::string* const text :
             {&run.repository, &run.workflow_path, &run.head_repository, &run.head_branch,
              &run.event, &run.workflow_name, &run.actor})
            *text = noise(1'024, seed++);
        run.head_sha = noise(1'024, static_cast<std::uint32_t>(run_id));
        run.action = "requested";
        run.conclusion.clear();
        made.repository = run.repository;
        return made;
    }
};

TEST_F(StoreRefused, TheLongestTextsAreDecidedAndKnownToTheNext) {
    accept(longest("a", 1));
    accept(longest("b", 2));
    accept(delivery("c", 3));
    std::size_t older = 0;
    const auto decided = decide([&older](const decide::Event& event, const Known& known) {
        if (decide::run_of(event).run_id == 2) older = known.older.size();
        return cancel(event, known);
    });
    ASSERT_EQ(decided.size(), 3U);
    EXPECT_EQ(older, 1U) << "the runs of a group are still told from others by all of its names";
    EXPECT_EQ(any_.ask("SELECT count(*) FROM attempts"), "3");
}

}  // namespace
}  // namespace runs_agent::store
