// SPDX-License-Identifier: MIT
#include "agent/action/told/files.hpp"

#include "agent/cli/read_file.hpp"
#include "tests/temp_dir.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace runs_agent::agent::action {
namespace {

TEST(Files, AreAddedToAndReplaced) {
    const tests::TempDir dir;
    const std::string path = dir.file("output");
    ASSERT_TRUE(append_to_file(path, "a\n").has_value());
    ASSERT_TRUE(append_to_file(path, "b\n").has_value());
    EXPECT_EQ(*read_file(path), "a\nb\n");
    ASSERT_TRUE(write_file(path, "c").has_value());
    EXPECT_EQ(*read_file(path), "c");
}

TEST(Files, MakeTheFoldersToThem) {
    const tests::TempDir dir;
    const std::string path = dir.file("test-results/deep/.last-run.json");
    ASSERT_TRUE(write_file(path, "{}").has_value());
    EXPECT_EQ(*read_file(path), "{}");
}

TEST(Files, AreRemovedButNothingElseIs) {
    const tests::TempDir dir;
    const std::string path = dir.file("deep/file");
    EXPECT_EQ(remove_file(path).value(), false);
    ASSERT_TRUE(write_file(path, "x").has_value());
    EXPECT_EQ(remove_file(dir.file("deep")).value(), false);
    EXPECT_EQ(remove_file(path).value(), true);
    EXPECT_EQ(remove_file(path).value(), false);
    // Of a link, not what it leads to, if to anything.
    ASSERT_TRUE(write_file(dir.file("kept"), "x").has_value());
    for (const char* const target : {"kept", "nothing"}) {
        std::filesystem::create_symlink(dir.file(target), path);
        EXPECT_EQ(remove_file(path).value(), true);
        EXPECT_FALSE(std::filesystem::is_symlink(path)) << target;
    }
    EXPECT_EQ(*read_file(dir.file("kept")), "x");
}

TEST(Files, SayWhatCannotBeWritten) {
    const tests::TempDir dir;
    ASSERT_TRUE(write_file(dir.file("file"), "x").has_value());
    for (const auto& result :
         {write_file(dir.file("file/below"), "x"), write_file(dir.file(""), "x"),
          append_to_file(dir.file("nowhere/x"), "x")}) {
        ASSERT_TRUE(result.has_error());
        EXPECT_EQ(result.error().code, Errc::io);
    }
    // Nobody may remove this one, root included.
    const auto removed = remove_file("/proc/self/status");
    ASSERT_TRUE(removed.has_error());
    EXPECT_EQ(removed.error().code, Errc::io);
}

}  // namespace
}  // namespace runs_agent::agent::action
