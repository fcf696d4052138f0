// SPDX-License-Identifier: MIT
#include "runs_server/http/key_search.hpp"

#include "runs_server/answers/answers.hpp"
#include "runs_server/http/request_body.hpp"

#include <algorithm>

namespace runs_agent::runs_server {

namespace {

constexpr std::size_t piece_size = 16UL * 1024;

}  // namespace

KeySearch::KeySearch(std::shared_ptr<const net::HttpRequest> request)
    : request_(std::move(request)), is_packed_(coding_of(*request_).has_value()) {}

std::uint64_t KeySearch::taken() const {
    if (!is_packed_) return looked_through_;
    return inflater_ ? inflater_->taken() : 0;
}

std::uint64_t KeySearch::expansion() const {
    return looked_through_ / std::max<std::uint64_t>(taken(), 1);
}

Result<std::string_view> KeySearch::next_piece() {
    const std::string_view body = request_->body;
    if (!is_packed_)
        return body.substr(std::min<std::size_t>(looked_through_, body.size()), piece_size);
    if (!inflater_) {
        inflater_ = std::make_unique<Inflater>(body);
        buffer_ = std::make_unique<char[]>(piece_size);
    }
    const auto filled = inflater_->read(buffer_.get(), piece_size);
    if (filled.has_error()) return filled.error();
    return std::string_view(buffer_.get(), *filled);
}

std::optional<KeySearch::Outcome> KeySearch::go_on(std::size_t bytes) {
    for (std::size_t looked = 0; looked < bytes;) {
        const auto piece = next_piece();
        if (piece.has_error()) return failed(400, piece.error().message);
        if (piece->empty()) return end(scan_.end());
        if (looked_through_ + piece->size() > max_unpacked) return unpacks_to_too_much();
        looked_through_ += piece->size();
        looked += piece->size();
        if (const auto state = scan_.feed(*piece); state != KeyScan::State::more) return end(state);
    }
    return std::nullopt;
}

KeySearch::Outcome KeySearch::end(KeyScan::State state) {
    if (state == KeyScan::State::wrong) return failed(400, scan_.fault());
    return state == KeyScan::State::found ? scan_.key() : std::string();
}

}  // namespace runs_agent::runs_server
