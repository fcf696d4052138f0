// SPDX-License-Identifier: MIT
// The connections of a server: how many there may be, and which of them make way for others
// (standing.hpp says by what rule). Only for the server's own files.
#pragma once

#include "net/memory_budget.hpp"
#include "net/server/peer.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>

namespace runs_agent::net {

/// All on the server's thread.
class Places final : public MemoryBudget::Holder {
public:
    /// `on_cut` is told of each who is cut; nothing set: nobody is.
    Places(std::size_t most, Fairness fairness, std::shared_ptr<MemoryBudget> budget,
           std::function<void(CutFor)> on_cut = {});
    ~Places();
    Places(const Places&) = delete;
    Places& operator=(const Places&) = delete;

    void add(Peer& peer);
    void remove(Peer& peer);

    /// Those who were cut count no more, though their coroutines may have a step to go.
    std::size_t taken() const { return peers_.size() - cut_; }
    std::size_t open() const { return peers_.size(); }
    bool is_full() const { return taken() >= most_; }

    /// Cuts who makes way first: several strangers at once, as where one waits in a flood more do,
    /// or one who was verified. False where nobody may be asked now.
    [[nodiscard]] bool make_room();

    /// When somebody may be asked to make way, as far as is known now.
    std::optional<Moment> next_room() const;

    /// Whoever is at the other end has shown a signature or a key that fits; who comes from that
    /// address within the next hour is taken for the same.
    void remember(Peer& peer);

    template <class Do>
    void for_each(Do act) {
        for (const auto& [peer, address] : peers_) act(*peer);
    }

    double most_used(Moment now) override;
    void give_up_most_used(Moment now) override;

private:
    struct Address {
        std::size_t peers = 0;
        std::optional<Moment> known_until;
    };
    using Addresses = std::map<boost::asio::ip::address, Address>;

    void update_standing(Peer& peer, const Address& address, Moment now) const;
    void cut(Peer& peer, CutFor reason);
    std::size_t at_once() const;
    bool cut_who_came_first(Moment now);
    Peer* greediest(Moment now) const;
    void prune_addresses(Moment now);

    const std::size_t most_;
    const Fairness fairness_;
    const std::shared_ptr<MemoryBudget> budget_;
    const std::function<void(CutFor)> on_cut_;
    std::unordered_map<Peer*, Address*> peers_;  // an address stays where it is while it has peers
    std::size_t cut_ = 0;
    Addresses addresses_;
};

}  // namespace runs_agent::net
