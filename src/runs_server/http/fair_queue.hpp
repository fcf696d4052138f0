// SPDX-License-Identifier: MIT
// Who is next, and who makes way, where more want something than can have it at once and nobody is
// known.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace runs_agent::runs_server {

/// Entries are worked on in turns. The lowest rank comes first, as what has cost little so far may
/// well be done soon; of one rank peers take turns, and of one peer's the first came first. Every
/// fourth turn is the one's that came first of all, so that nobody waits for ever.
///
/// Where there are too many, or they hold too much, the peer that has most makes way, with what has
/// the highest rank and came last: perhaps the newcomer. Behind a proxy, where all have one
/// address, ranks alone decide. One entry alone may be of any size. Not for several threads at
/// once.
template <class Work>
class FairQueue {
public:
    struct Entry {
        std::string peer;
        std::uint64_t bytes = 0;  // held for it
        std::uint64_t rank = 0;
        Work work{};
        std::uint64_t came = 0;  // set by push()
    };

    FairQueue(std::size_t most, std::uint64_t max_bytes) : most_(most), max_bytes_(max_bytes) {}

    bool empty() const { return waiting_.empty(); }
    /// Those taken and neither put back nor done with included.
    std::size_t size() const { return count_; }

    /// Returns those that have to make way.
    [[nodiscard]] std::deque<Entry> push(Entry entry) {
        entry.came = ++arrivals_;
        Peer& peer = peers_[entry.peer];
        ++peer.count;
        peer.bytes += entry.bytes;
        ++count_;
        bytes_ += entry.bytes;
        waiting_.push_back(std::move(entry));
        std::deque<Entry> victims;
        while (count_ > 1 && (count_ > most_ || bytes_ > max_bytes_))
            victims.push_back(take_victim());
        return victims;
    }

    /// For a turn; it keeps its place until it is put back or done(). Only where it is not empty.
    Entry take() {
        ++turn_;
        auto next = waiting_.begin();
        for (auto other = waiting_.begin(); other != waiting_.end(); ++other)
            if (comes_before(*other, *next)) next = other;
        peers_[next->peer].last_turn = turn_;
        return remove(next);
    }

    void put_back(Entry entry) { waiting_.push_back(std::move(entry)); }

    void done(const Entry& entry) {
        --count_;
        bytes_ -= entry.bytes;
        const auto peer = peers_.find(entry.peer);
        peer->second.bytes -= entry.bytes;
        if (--peer->second.count == 0) peers_.erase(peer);
    }

private:
    struct Peer {
        std::size_t count = 0;
        std::uint64_t bytes = 0;
        std::uint64_t last_turn = 0;
    };
    using Place = typename std::deque<Entry>::iterator;

    bool comes_before(const Entry& a, const Entry& b) const {
        constexpr std::uint64_t turns_by_age = 4;
        if (turn_ % turns_by_age == 0) return a.came < b.came;
        return std::tuple(a.rank, peers_.at(a.peer).last_turn, a.came) <
               std::tuple(b.rank, peers_.at(b.peer).last_turn, b.came);
    }

    Entry take_victim() {
        const bool by_count = count_ > most_;
        const auto has = [&](const Entry& entry) -> std::uint64_t {
            const Peer& peer = peers_.at(entry.peer);
            return by_count ? peer.count : peer.bytes;
        };
        const auto victim =
            std::max_element(waiting_.begin(), waiting_.end(), [&](const Entry& a, const Entry& b) {
                return std::tuple(has(a), a.rank, a.came) < std::tuple(has(b), b.rank, b.came);
            });
        Entry entry = remove(victim);
        done(entry);
        return entry;
    }

    Entry remove(Place place) {
        Entry entry = std::move(*place);
        waiting_.erase(place);
        return entry;
    }

    std::size_t most_;
    std::uint64_t max_bytes_;
    std::deque<Entry> waiting_;
    std::map<std::string, Peer> peers_;
    std::size_t count_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t arrivals_ = 0;
    std::uint64_t turn_ = 0;
};

}  // namespace runs_agent::runs_server
