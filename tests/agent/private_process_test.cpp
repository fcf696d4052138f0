// SPDX-License-Identifier: MIT
#include "agent/cli/private_process.hpp"

#include "agent/action/told/files.hpp"
#include "tests/temp_dir.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace runs_agent::agent {
namespace {

mode_t mode_of(const std::string& path) {
    struct stat found{};
    return ::stat(path.c_str(), &found) == 0 ? found.st_mode & 0777U : 0;
}

/// Whether `holds` does, in a process of its own, as it changes the whole process: one that was
/// started with the usual umask and may dump core.
bool in_a_process(const std::function<bool()>& holds) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::umask(022);
        ::_exit(holds() ? 0 : 1);
    }
    int status = 1;
    return ::waitpid(child, &status, 0) == child && status == 0;
}

TEST(PrivateProcess, MakesFilesForItsUserAlone) {
    const tests::TempDir dir;
    EXPECT_TRUE(in_a_process([&] {
        harden_process();
        std::ofstream(dir.file("made")) << "x";
        return mode_of(dir.file("made")) == 0600;
    }));
}

TEST(PrivateProcess, MakesTheFilesOfAStepForTheLaterSteps) {
    const tests::TempDir dir;
    EXPECT_TRUE(in_a_process([&] {
        harden_process();
        return action::append_to_file(dir.file("output"), "a=b\n").has_value() &&
               action::write_file(dir.file("results/last"), "{}").has_value() &&
               mode_of(dir.file("output")) == 0644 && mode_of(dir.file("results/last")) == 0644 &&
               mode_of(dir.file("results")) == 0755;
    }));
    EXPECT_TRUE(in_a_process([&] {
        harden_process();
        {
            const CallersUmask meanwhile;
        }
        std::ofstream(dir.file("after")) << "x";
        return mode_of(dir.file("after")) == 0600;
    }));
}

TEST(PrivateProcess, IsDumpedNowhere) {
    EXPECT_TRUE(in_a_process([] {
        ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
        harden_process();
        rlimit limit{1, 1};
        return ::getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0 &&
               limit.rlim_max == 0 && ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
    }));
}

}  // namespace
}  // namespace runs_agent::agent
