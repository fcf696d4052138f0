// SPDX-License-Identifier: MIT
#include "agent/cli/private_process.hpp"

#include <optional>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

namespace runs_agent::agent {

namespace {

/// The umask that the program was started with; absent where harden_process() was not called.
std::optional<mode_t> of_caller;

}  // namespace

void harden_process() {
    of_caller = ::umask(S_IRWXG | S_IRWXO);
    // The limit alone does not do where dumps are piped to a program (core(5)), and PR_SET_DUMPABLE
    // alone would be undone by an execve.
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

CallersUmask::CallersUmask() : before_(::umask(S_IRWXG | S_IRWXO)) {
    ::umask(of_caller.value_or(before_));
}

CallersUmask::~CallersUmask() {
    ::umask(before_);
}

}  // namespace runs_agent::agent
