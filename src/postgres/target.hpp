// SPDX-License-Identifier: MIT
// Which server a URL names, and how it is reached.
#pragma once

#include "base/error.hpp"

#include <string>
#include <utility>
#include <vector>

namespace runs_agent::postgres {

/// Does it look like a URL that libpq takes?
bool is_postgres_url(std::string_view text);

struct Target {
    /// Keywords and values for PQconnectdbParams; the last may hold a password.
    std::vector<std::pair<std::string, std::string>> parameters;
    std::string password;  // where the URL holds one; for nothing but to keep it out of errors
    std::string name;      // for people: "postgresql://agent@db1,db2/runs", without a password
};

/// Reads libpq's URL (https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING:
/// several hosts, sslmode, service files, all of its parameters) and adds what it does not say:
/// - connect_timeout=3 for each host, keepalives and tcp_user_timeout, so that a dead peer is
///   noticed;
/// - target_session_attrs=read-write, so that of several hosts the primary is found;
/// - for hosts on the network sslmode=verify-full (libpq's own default verifies nothing), with the
///   system's certificates unless sslrootcert, PGSSLROOTCERT or ~/.postgresql/root.crt say others.
/// What PGSSLMODE or a service file says stays. Errc::bad_input where libpq cannot read it; the
/// message repeats nothing of it, as any part may be a password.
Result<Target> read_target(const std::string& url);

/// libpq's version, as "15.18".
std::string client_version();

/// What libpq says about this target, on one line, with the password taken out.
std::string without_password(std::string text, const Target& target);

}  // namespace runs_agent::postgres
