# SPDX-License-Identifier: MIT
# What a release has against mistakes in memory that neither tests nor sanitizers have found. Everything is
# compiled with it, as link-time optimisation puts the files together. bench/README.md has what it costs.
function(runs_agent_harden)
  # A canary in every function that has an array or whose variables' addresses are taken: one that is
  # overwritten ends the program before it returns to where the writer wants.
  set(flags -fstack-protector-strong)
  # A stack that grows by more than a page touches each page, so that it cannot jump over the guard page.
  list(APPEND flags -fstack-clash-protection)
  # libc's copies and prints know how large what they write to is, also where that is known at run time only.
  # -U first: some distributions' compilers define it to less.
  list(APPEND flags -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
  # The standard library ends the program at an index past the end, an empty front(), an absent optional.
  list(APPEND flags -D_GLIBCXX_ASSERTIONS)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    # CET: calls and jumps through pointers go to marked places alone, and returns can be held against a
    # shadow stack, where the processor and the system do that.
    list(APPEND flags -fcf-protection=full)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    # The same there: marked branch targets and signed return addresses.
    list(APPEND flags -mbranch-protection=standard)
  endif()
  add_compile_options(${flags})
  list(JOIN flags " " flags)
  set(RUNS_AGENT_HARDENING "${flags}" PARENT_SCOPE) # for what is not compiled by CMake
  # Read-only after start: the tables of functions that a write past an end is aimed at. And no stack is code.
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
endfunction()

option(RUNS_AGENT_HARDEN "Compile with protections against mistakes in memory" OFF)
if(RUNS_AGENT_HARDEN)
  runs_agent_harden()
endif()
