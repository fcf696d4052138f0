// SPDX-License-Identifier: MIT
// Who may look, and who may change something: by a bearer token for programs, by a cookie for
// people who have signed in with one. Nothing is kept of who has signed in: the cookie says who it
// is and until when, and is signed with a key made of the token, so that it is worth nothing once
// that is changed, and holds at each of several replicas. Knows no network and no clock. Sources:
// RFC 6265bis (SameSite), OWASP "Cross-Site Request Forgery Prevention" (signed token).
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace runs_agent::admin {

enum class Role { reader, admin };

/// Somebody who may ask.
struct Visitor {
    Role role = Role::reader;
    std::string name;        // as they gave it when they signed in, or in a header; may be empty
    bool by_cookie = false;  // a browser, which others can make send requests
    std::string form_token;  // to come back with each change that a browser sends

    bool may_change() const { return role == Role::admin; }
    /// For what is kept of a change: "page: Ada", "api".
    std::string actor() const;
};

class Access {
public:
    /// `read_token` may be empty: nobody may look only.
    Access(std::string_view admin_token, std::string_view read_token);

    /// In constant time. Absent: it is none of them.
    std::optional<Role> role_of(std::string_view token) const;

    /// Whoever asks; absent where the request shows neither a token nor a cookie that holds.
    std::optional<Visitor> visitor(const net::HttpRequest& request, Time now) const;
    /// Does it carry a bearer token, or a cookie of ours, be it a wrong one?
    static bool tries(const net::HttpRequest& request);

    /// The value of Set-Cookie for who has shown the token of that role. `secure`: it came by
    /// HTTPS.
    std::string sign_in(Role role, std::string_view name, bool secure, Time now) const;
    static std::string sign_out();

    /// May this browser's request change something? Its form token must be the visitor's, and where
    /// it says where it comes from, that must be here. What is wrong; empty: nothing.
    static std::string fault_of(const Visitor& visitor, const net::HttpRequest& request,
                                std::string_view form_token);

private:
    std::optional<Visitor> by_cookie(std::string_view cookie, Time now) const;
    std::string signature(std::string_view purpose, std::string_view text) const;

    std::string admin_hash_;  // of the tokens, so that the time of comparing tells nothing of them
    std::string read_hash_;
    std::string key_;
};

}  // namespace runs_agent::admin
