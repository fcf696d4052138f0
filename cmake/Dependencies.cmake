find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS url)
find_package(OpenSSL 3.0 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(SQLite3 3.37 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_path(RAPIDJSON_INCLUDE_DIR rapidjson/document.h REQUIRED)

# Debian 12's yaml-cpp 0.7 exports the plain name, Ubuntu 24.04's 0.8 the name with a scope.
if(NOT TARGET yaml-cpp::yaml-cpp)
  add_library(yaml-cpp::yaml-cpp ALIAS yaml-cpp)
endif()

# Every target sees the same definitions, so that one precompiled header fits all.
add_library(runs_agent_dependencies INTERFACE)
target_include_directories(runs_agent_dependencies SYSTEM INTERFACE ${RAPIDJSON_INCLUDE_DIR})
target_compile_definitions(runs_agent_dependencies INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED RAPIDJSON_HAS_STDSTRING=1)
target_link_libraries(runs_agent_dependencies INTERFACE
  Boost::headers Boost::url OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
