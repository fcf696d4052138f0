// SPDX-License-Identifier: MIT
// measure COMMAND [ARGUMENT…]: runs it once and writes one line to descriptor 3: wall time in
// nanoseconds, peak memory in KiB of its largest process, exit code.
//
// A small program of its own, because the kernel counts what a process was before exec() as well: a
// Node.js that starts a program would lend it its own size.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

long long now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<long long>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fputs("usage: measure COMMAND [ARGUMENT…] 3>REPORT\n", stderr);
        return 2;
    }
    // The report is not the command's business.
    posix_spawn_file_actions_t actions{};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addclose(&actions, 3);

    const long long began = now();
    pid_t child = 0;
    if (const int error = posix_spawnp(&child, argv[1], &actions, nullptr, argv + 1, environ);
        error != 0) {
        std::fprintf(stderr, "measure: %s cannot be started: %s\n", argv[1], std::strerror(error));
        return 1;
    }
    int status = 0;
    rusage usage{};
    while (wait4(child, &status, 0, &usage) < 0) {
        if (errno != EINTR) return 1;
    }
    const long long took = now() - began;
    dprintf(3, "%lld %ld %d\n", took, usage.ru_maxrss,
            WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 0;
}
