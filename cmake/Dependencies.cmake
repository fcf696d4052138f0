# SPDX-License-Identifier: MIT
# The release is one program that needs nothing of the machine it runs on, libc included.
option(RUNS_AGENT_STATIC "Link every library into the program" OFF)
if(RUNS_AGENT_STATIC)
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
  set(Boost_USE_STATIC_LIBS ON)
  set(OPENSSL_USE_STATIC_LIBS ON)
  add_compile_options(-fPIE) # everywhere alike, for the precompiled header's sake
  # -s: the archive, the package and the image all carry these very bytes. The linker warns that
  # getaddrinfo, dlopen and the like want glibc's shared libraries: src/net/self_contained.cpp keeps
  # them from being asked for, and script/package-test sees that none is.
  add_link_options(-static-pie -s)
  # What a program that may lie anywhere in memory corrects at its start, 45,000 pointers, in a list of bits
  # and not of three words each: 0.7 MB less. glibc knows it from 2.36 on, binutils from 2.38.
  include(CheckLinkerFlag)
  check_linker_flag(CXX -Wl,-z,pack-relative-relocs RUNS_AGENT_PACKS_RELOCATIONS)
  if(RUNS_AGENT_PACKS_RELOCATIONS)
    add_link_options(-Wl,-z,pack-relative-relocs)
  endif()
endif()

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS url)
find_package(OpenSSL 3.0 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(SQLite3 3.38 REQUIRED)
if(RUNS_AGENT_STATIC)
  # Debian's static libpq wants Kerberos and LDAP, of which there are no static libraries.
  set(RUNS_AGENT_LIBPQ "" CACHE PATH
      "A folder of a static libpq, with include/ and lib/libpq.a; empty: what script/libpq makes")
  set(libpq "${RUNS_AGENT_LIBPQ}")
  if(NOT libpq)
    execute_process(
      COMMAND ${CMAKE_COMMAND} -E env "CFLAGS=-O2 ${RUNS_AGENT_HARDENING}" "${PROJECT_SOURCE_DIR}/script/libpq"
      OUTPUT_VARIABLE libpq OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  endif()
  add_library(PostgreSQL::PostgreSQL STATIC IMPORTED)
  set_target_properties(PostgreSQL::PostgreSQL PROPERTIES
    IMPORTED_LOCATION "${libpq}/lib/libpq.a"
    INTERFACE_INCLUDE_DIRECTORIES "${libpq}/include"
    INTERFACE_LINK_LIBRARIES "OpenSSL::SSL;OpenSSL::Crypto")
else()
  find_package(PostgreSQL 14 REQUIRED)
endif()
if(RUNS_AGENT_STATIC)
  # Debian's and Ubuntu's CMake files for yaml-cpp know the shared library only.
  find_library(YAML_CPP_LIBRARY yaml-cpp REQUIRED)
  find_path(YAML_CPP_INCLUDE_DIR yaml-cpp/yaml.h REQUIRED)
  add_library(yaml-cpp::yaml-cpp STATIC IMPORTED)
  set_target_properties(yaml-cpp::yaml-cpp PROPERTIES
    IMPORTED_LOCATION "${YAML_CPP_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${YAML_CPP_INCLUDE_DIR}")
else()
  find_package(yaml-cpp REQUIRED)
endif()
find_package(CLI11 2.1 REQUIRED)
find_path(RAPIDJSON_INCLUDE_DIR rapidjson/document.h REQUIRED)

# Debian 12's yaml-cpp 0.7 exports the plain name, Ubuntu 24.04's 0.8 the name with a scope.
if(NOT TARGET yaml-cpp::yaml-cpp)
  add_library(yaml-cpp::yaml-cpp ALIAS yaml-cpp)
endif()

# RapidJSON's last release (what Debian 12 and Ubuntu 24.04 carry) assigns to a const member in a
# function that nobody can call; clang 19 refuses to read it. Upstream has deleted that function
# (https://github.com/Tencent/rapidjson/issues/718), and so does this copy.
set(rapidjson_fault "{ s = rhs.s; length = rhs.length; }")
file(READ "${RAPIDJSON_INCLUDE_DIR}/rapidjson/document.h" rapidjson_document)
string(FIND "${rapidjson_document}" "${rapidjson_fault}" rapidjson_fault_at)
if(NOT rapidjson_fault_at EQUAL -1)
  file(COPY "${RAPIDJSON_INCLUDE_DIR}/rapidjson" DESTINATION "${CMAKE_BINARY_DIR}/mended")
  string(REPLACE "${rapidjson_fault}" "= delete;" rapidjson_document "${rapidjson_document}")
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/mended/rapidjson/document.h"
       CONTENT "${rapidjson_document}" @ONLY)
  set(RAPIDJSON_INCLUDE_DIR "${CMAKE_BINARY_DIR}/mended" CACHE PATH "" FORCE)
endif()

# Every target sees the same definitions, so that one precompiled header fits all.
add_library(runs_agent_dependencies INTERFACE)
target_include_directories(runs_agent_dependencies SYSTEM INTERFACE ${RAPIDJSON_INCLUDE_DIR})
target_compile_definitions(runs_agent_dependencies INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED RAPIDJSON_HAS_STDSTRING=1)
target_link_libraries(runs_agent_dependencies INTERFACE
  Boost::headers Boost::url OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
if(RUNS_AGENT_STATIC)
  target_compile_definitions(runs_agent_dependencies INTERFACE RUNS_AGENT_STATIC)
endif()
