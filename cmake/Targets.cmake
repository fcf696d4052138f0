# SPDX-License-Identifier: MIT
# runs_agent_library(NAME SOURCES a.cpp … LINK lib …)
# A static library of ours: the warnings, the include root and the shared precompiled header.
# PLAIN leaves the precompiled header away (for code that knows only the standard library). SMALL is for what is
# not on a delivery's way into SQLite: a release has it in fewer bytes rather than in fewer cycles.
function(runs_agent_library name)
  cmake_parse_arguments(ARG "PLAIN;SMALL" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PUBLIC ${ARG_LINK} PRIVATE runs_agent_options)
  if(NOT ARG_PLAIN)
    target_link_libraries(${name} PUBLIC runs_agent_dependencies)
    if(ARG_SMALL AND NOT CMAKE_BUILD_TYPE STREQUAL Debug)
      target_precompile_headers(${name} REUSE_FROM runs_agent_small_pch)
    else()
      target_precompile_headers(${name} REUSE_FROM runs_agent_pch)
    endif()
  endif()
  if(ARG_SMALL)
    target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-Os>)
  endif()
endfunction()

# runs_agent_test(NAME SOURCES a_test.cpp … LINK lib …)
# One GoogleTest program; each of its cases is one CTest test.
function(runs_agent_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINK" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${ARG_LINK} runs_agent_options runs_agent_dependencies
    GTest::gtest GTest::gtest_main)
  target_precompile_headers(${name} REUSE_FROM runs_agent_pch)
  target_compile_definitions(${name} PRIVATE)
  include(GoogleTest)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST
    PROPERTIES TIMEOUT ${ARG_TIMEOUT}
               ENVIRONMENT "RUNS_AGENT_SOURCE_DIR=${PROJECT_SOURCE_DIR};RUNS_AGENT_BINARY=$<TARGET_FILE:runs-agent>")
endfunction()
