// SPDX-License-Identifier: MIT
// Looks for the record key in one request's body, unpacking no more of it than it must, in turns
// that others can have between.
#pragma once

#include "base/inflater.hpp"
#include "net/http_message.hpp"
#include "runs_server/http/key_scan.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace runs_agent::runs_server {

class KeySearch {
public:
    /// The key (empty where there is none that could be one), or the refusal of a body that unpacks
    /// to too much, or is none up to its key.
    using Outcome = std::variant<std::string, net::HttpResponse>;

    explicit KeySearch(std::shared_ptr<const net::HttpRequest> request);

    /// Looks through `bytes` more, about, of the body as it is unpacked; absent where the end was
    /// not found yet. Takes some 60 KiB from the first turn to the last.
    std::optional<Outcome> go_on(std::size_t bytes);

    /// Of the body as it is unpacked, and as it was sent.
    std::uint64_t looked_through() const { return looked_through_; }
    std::uint64_t taken() const;

    /// How many times larger what was looked through is than what was sent of it.
    std::uint64_t expansion() const;

private:
    Result<std::string_view> next_piece();
    Outcome end(KeyScan::State state);

    std::shared_ptr<const net::HttpRequest> request_;
    bool is_packed_;
    std::unique_ptr<Inflater> inflater_;
    std::unique_ptr<char[]> buffer_;
    KeyScan scan_;
    std::uint64_t looked_through_ = 0;
};

}  // namespace runs_agent::runs_server
