// SPDX-License-Identifier: MIT
#include "runs_server/http/routes.hpp"

#include <gtest/gtest.h>

namespace runs_agent::runs_server {
namespace {

std::string path_of(std::string_view method, std::string_view path) {
    const Match found = match(method, path);
    return found.route == nullptr ? "none, allow " + found.allow : std::string(found.route->path);
}

TEST(Routes, TheMostExactAddressIsFound) {
    EXPECT_EQ(path_of("GET", "/runs/find"), "/runs/find");
    EXPECT_EQ(path_of("GET", "/runs/abc"), "/runs/{runId}");
    EXPECT_EQ(path_of("HEAD", "/runs/abc"), "/runs/{runId}");
    EXPECT_EQ(path_of("PUT", "/runs/cancel-ci/github"), "/runs/cancel-ci/github");
    EXPECT_EQ(path_of("PUT", "/runs/abc/cancel"), "/runs/{runId}/cancel");
    EXPECT_EQ(path_of("POST", "/runs/cancel"), "/runs/cancel");
    EXPECT_EQ(path_of("GET", "/projects/"), "/projects");
    EXPECT_EQ(match("GET", "/projects/p%201/runs").ids, std::vector<std::string>{"p%201"});
    EXPECT_EQ(match("GET", "/projects/p 1/runs").ids, std::vector<std::string>{"p 1"});
}

TEST(Routes, WhatIsNotThereSaysWhichMethodsAre) {
    EXPECT_EQ(path_of("PATCH", "/runs/abc"), "none, allow GET, DELETE");
    EXPECT_EQ(path_of("PUT", "/runs/find"), "none, allow GET, DELETE");
    EXPECT_EQ(path_of("POST", "/projects"), "none, allow GET");
    for (const char* const path : {"", "/", "//", "runs", "/runs/", "/runs/a/b", "/runs//cancel",
                                   "/runs/a/cancel/b", "/v1/runs/a"})
        EXPECT_EQ(match("PUT", path).route, nullptr) << path;
}

TEST(Routes, OnlyReadersOfSignedUrlsAndOfTheDocumentNeedNoKey) {
    EXPECT_EQ(match("GET", "/docs/openapi.json").route->access, Access::open);
    EXPECT_EQ(match("PUT", "/artifacts/a").route->access, Access::signature);
    EXPECT_EQ(match("POST", "/runs").route->access, Access::record_key);
    EXPECT_EQ(match("DELETE", "/runs/a").route->access, Access::api_key);
}

}  // namespace
}  // namespace runs_agent::runs_server
