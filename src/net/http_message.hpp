// SPDX-License-Identifier: MIT
// HTTP messages as plain values, the same for our server and our client. No Beast in sight: what
// reads and writes the wire is in http_server.cpp and http_client.cpp.
#pragma once

#include "net/memory_budget.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runs_agent::net {

/// Header fields in the order they came; names compare without case (RFC 9110 section 5.1).
class Headers {
public:
    Headers() = default;
    Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

    void add(std::string name, std::string value) {
        fields_.emplace_back(std::move(name), std::move(value));
    }
    /// Replaces every field of that name.
    void set(std::string_view name, std::string value);

    /// The first field of that name.
    std::optional<std::string_view> find(std::string_view name) const;
    bool has(std::string_view name) const { return find(name).has_value(); }

    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }
    std::size_t size() const { return fields_.size(); }

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

struct HttpRequest {
    std::string method;  // "GET", as sent
    std::string target;  // path and query for a server ("/a?b=c"); an absolute URL for a client
    Headers headers;
    std::string body;
    std::string peer;  // server only: the peer's address, for the log
    /// Client only: the most bytes of the answer's body, packed and unpacked, where they are fewer
    /// than the client takes of any answer. 0: as many as that.
    std::size_t max_answer = 0;
};

struct HttpResponse {
    int status = 200;
    Headers headers;
    std::string body;
    /// Server only: stands for `body` where it is the same for everybody, so that however many do
    /// not read it, it is in memory once.
    std::shared_ptr<const std::string> document;
    /// Server only: what `body` takes of the memory budget, given back once it was sent. The server
    /// takes a share for an answer that brings none.
    std::shared_ptr<MemoryShare> memory;
    /// Server only: who asked has shown that it is no stranger (a signature or a key fitted), so
    /// its connection makes way last where room is short.
    bool known_sender = false;

    std::string_view content() const { return document ? *document : body; }
};

/// A small JSON answer: {"status":…} bodies are built by their callers.
HttpResponse json_response(int status, std::string body);

/// A target in absolute form, which a server must understand though only proxies are sent it: its
/// authority stands for the Host field (RFC 9112 section 3.2.2). Absent for any other form.
struct AbsoluteTarget {
    std::string authority;
    std::string rest;  // "/a?b=c"
};
std::optional<AbsoluteTarget> split_absolute(std::string_view target);

/// The part of a target before '?', percent-decoded. Absent where an escape is broken.
std::optional<std::string> path_of(std::string_view target);

/// The query's parameters in order, with '+' and escapes decoded. Broken escapes stay as they are.
using Parameters = std::vector<std::pair<std::string, std::string>>;
Parameters query_of(std::string_view target);

/// Reads `a=b&c=d` (application/x-www-form-urlencoded, WHATWG URL section 5.1).
Parameters parse_form(std::string_view text);

/// The first parameter of that name.
std::optional<std::string_view> find(const Parameters& parameters, std::string_view name);

/// Escapes everything but the unreserved characters of RFC 3986, for use in a path segment or
/// query.
std::string percent_encode(std::string_view text);

/// The media type without its parameters, in lower case: "Application/JSON; charset=x" gives
/// "application/json". Empty where there is no Content-Type.
std::string media_type(const Headers& headers);

/// Does the Accept-Encoding field allow gzip (RFC 9110 section 12.5.3)?
bool accepts_gzip(const Headers& headers);

}  // namespace runs_agent::net
