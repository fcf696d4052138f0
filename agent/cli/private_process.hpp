// SPDX-License-Identifier: MIT
// What a process that holds secrets keeps to itself: the files it makes, and its memory.
#pragma once

#include <sys/types.h>

namespace runs_agent::agent {

/// At the program's start, before any thread: from here on what it makes is its user's alone,
/// and no core dump is made of it, whatever the machine does with those, nor can another process
/// of its user look into its memory. Where the kernel refuses one of these, the others hold.
/// Source: umask(2), core(5), prctl(2).
void harden_process();

/// For as long as it lives, files are made with the mode that the caller's umask gives: for those
/// that somebody asked for by name, such as the files of an action's step, which the job's later
/// steps read. No other thread may make files meanwhile: a process has one umask.
class [[nodiscard]] CallersUmask {
public:
    CallersUmask();
    ~CallersUmask();
    CallersUmask(const CallersUmask&) = delete;
    CallersUmask& operator=(const CallersUmask&) = delete;

private:
    mode_t before_;
};

}  // namespace runs_agent::agent
