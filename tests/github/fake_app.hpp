// SPDX-License-Identifier: MIT
// A GitHub App's keys, made while a test runs, and the check of what is signed with them, as GitHub
// makes it.
#pragma once

#include "base/time.hpp"

#include <string>
#include <string_view>

namespace runs_agent::tests {

struct KeyPair {
    std::string private_key;  // PEM
    std::string public_key;   // PEM
};

/// RSA. Making one takes a while: tests share app_keys().
KeyPair make_rsa_keys(unsigned bits = 2048);
const KeyPair& app_keys();

/// PEM of a private key on the curve P-256.
std::string make_ec_key();
/// The private key again, locked by a password.
std::string locked(const std::string& private_key);

struct Claims {
    std::string wrong;   // GitHub's words; empty: the JWT is good
    std::string header;  // JSON
    std::string issuer;
    std::int64_t issued_at = 0;
    std::int64_t expires_at = 0;
};

/// RS256's signature, `iat` not in the future, `exp` at most ten minutes in it.
Claims check_jwt(std::string_view jwt, const std::string& public_key, Time now);

}  // namespace runs_agent::tests
