// SPDX-License-Identifier: MIT
// Addresses that need no key because they carry a signature: whoever was given one may do that one
// thing for a while. Reporters upload artifacts so, and browsers show them.
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"

#include <string>
#include <string_view>

namespace runs_agent::runs_server {

class UrlSigner {
public:
    /// `key` is secret, the same at each start, and not in the database.
    explicit UrlSigner(std::string key) : key_(std::move(key)) {}

    /// `path` with a query that lets anybody use `method` on it until two hours from `now` have
    /// passed (as long as the service's own addresses hold, says its documentation).
    std::string sign(std::string_view method, std::string_view path, Time now) const;

    /// Was the query made by sign() for this method and path, and is it not too old?
    bool allows(std::string_view method, std::string_view path, const net::Parameters& query,
                Time now) const;

private:
    std::string signature(std::string_view method, std::string_view path,
                          std::string_view expires) const;

    std::string key_;
};

}  // namespace runs_agent::runs_server
