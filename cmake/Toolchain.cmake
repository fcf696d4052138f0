# SPDX-License-Identifier: MIT
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(RUNS_AGENT_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")

# A compiler cache that also works with precompiled headers, and in whichever folder this tree lies: a
# new clone finds what the one before compiled with g++. clang is told of its precompiled header by a
# full path, and writes full paths into it, so that another clone must not take it.
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
endif()

add_library(runs_agent_options INTERFACE)
target_compile_options(runs_agent_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Wold-style-cast -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these falsely inside coroutine frames and inlined std::string.
  target_compile_options(runs_agent_options INTERFACE
    -Wno-maybe-uninitialized -Wno-restrict -Wno-mismatched-new-delete)
else()
  target_compile_options(runs_agent_options INTERFACE -Xclang -fno-pch-timestamp)
endif()

if(RUNS_AGENT_SANITIZE)
  # The checks that sanitizers weave in make g++ 12 see overflows that cannot happen, and it warns of
  # fences in Asio. The other builds hold our code to the warnings.
  target_compile_options(runs_agent_options INTERFACE -Wno-error)
  # The check of virtual tables opens a pipe to look at memory, and takes it for broken where a test
  # has used up the descriptors.
  add_compile_options(-fsanitize=${RUNS_AGENT_SANITIZE} -fno-sanitize=vptr -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${RUNS_AGENT_SANITIZE})
endif()

# A release is the same bytes wherever it was built: no path of this machine goes into it.
add_compile_options($<$<CONFIG:Release>:-ffile-prefix-map=${CMAKE_BINARY_DIR}=build>
                    $<$<CONFIG:Release>:-ffile-prefix-map=${CMAKE_SOURCE_DIR}=.>)

find_program(MOLD mold)
if(MOLD AND NOT CMAKE_INTERPROCEDURAL_OPTIMIZATION)
  add_link_options(-fuse-ld=mold)
endif()
