// SPDX-License-Identifier: MIT
#include "net/server/places.hpp"

#include <algorithm>
#include <vector>

namespace runs_agent::net {

namespace {

/// This part of all places at most is made free at once.
constexpr std::size_t small_part = 64;
/// An address with more than this part of all places is crowded.
constexpr std::size_t fair_part = 16;
constexpr std::chrono::hours remembered{1};
/// Who has connected this long ago is not spared for what we have not read yet.
constexpr std::chrono::seconds max_unread{2};
/// Addresses that are remembered beyond those that are connected.
constexpr std::size_t max_addresses = 4096;

Moment steady_now() {
    return std::chrono::steady_clock::now();
}

/// A network of IPv6 is one house (RFC 6177): who has one address of it has all.
boost::asio::ip::address house_of(const boost::asio::ip::address& address) {
    if (!address.is_v6() || address.to_v6().is_v4_mapped()) return address;
    auto bytes = address.to_v6().to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
    return boost::asio::ip::address_v6(bytes);
}

}  // namespace

namespace {

/// It has done its part: it waits for us, who have not looked yet. A stranger who was answered once
/// has had its turn, and so has who does not wait for its answers.
bool waits_for_us(const Peer& peer) {
    const Standing& standing = peer.standing;
    if (standing.doing == Doing::writing || standing.doing == Doing::lingering) return false;
    const bool may_ask_again = standing.known && !standing.ahead;
    return (standing.doing != Doing::idle || may_ask_again) && peer.has_unread();
}

}  // namespace

Places::Places(std::size_t most, Fairness fairness, std::shared_ptr<MemoryBudget> budget,
               std::function<void(CutFor)> on_cut)
    : most_(most), fairness_(fairness), budget_(std::move(budget)), on_cut_(std::move(on_cut)) {
    budget_->join(*this);
}

Places::~Places() {
    budget_->leave(*this);
}

void Places::add(Peer& peer) {
    Address& address = addresses_[house_of(peer.address)];  // each step may find no memory
    peers_.emplace(&peer, &address);
    ++address.peers;
    update_standing(peer, address, steady_now());
}

void Places::remove(Peer& peer) {
    const auto at = peers_.find(&peer);
    if (at == peers_.end()) return;
    if (peer.is_cut()) --cut_;
    Address& address = *at->second;
    peers_.erase(at);
    if (--address.peers == 0 && !address.known_until) addresses_.erase(house_of(peer.address));
}

void Places::cut(Peer& peer, CutFor reason) {
    peer.cut();
    ++cut_;
    if (on_cut_) on_cut_(reason);
}

void Places::remember(Peer& peer) {
    const Moment now = steady_now();
    peer.standing.verified = peer.standing.known = true;
    addresses_[house_of(peer.address)].known_until = now + remembered;
    if (addresses_.size() > max_addresses) prune_addresses(now);
}

void Places::prune_addresses(Moment now) {
    // Those whose time has come; or else all that are gone, who will be verified again.
    const auto gone = [](const Address& address) { return address.peers == 0; };
    std::erase_if(addresses_, [&](const auto& one) {
        return gone(one.second) && one.second.known_until.value_or(Moment::min()) < now;
    });
    if (addresses_.size() > max_addresses)
        std::erase_if(addresses_, [&](const auto& one) { return gone(one.second); });
}

void Places::update_standing(Peer& peer, const Address& address, Moment now) const {
    peer.standing.known = address.known_until && *address.known_until >= now;
    peer.standing.crowded = address.peers > std::max<std::size_t>(1, most_ / fair_part);
}

std::size_t Places::at_once() const {
    return std::max<std::size_t>(1, most_ / small_part);
}

bool Places::make_room() {
    const Moment now = steady_now();
    std::vector<Peer*> asked;
    for (const auto& [peer, address] : peers_) {
        if (peer->is_cut()) continue;
        update_standing(*peer, *address, now);
        const auto from = makes_way_from(peer->standing, fairness_);
        if (from && *from <= now) asked.push_back(peer);
    }
    std::sort(asked.begin(), asked.end(), [](const Peer* a, const Peer* b) {
        return makes_way_before(a->standing, b->standing);
    });
    std::size_t cut_now = 0;
    for (Peer* const peer : asked) {
        if (cut_now == at_once() || (cut_now > 0 && peer->standing.verified)) break;
        if (waits_for_us(*peer)) continue;
        cut(*peer, CutFor::place);
        ++cut_now;
    }
    return cut_now > 0 || cut_who_came_first(now);
}

/// The last resort, where everybody has just begun something, again and again.
bool Places::cut_who_came_first(Moment now) {
    std::vector<Peer*> asked;
    for (const auto& [peer, address] : peers_)
        if (!peer->is_cut() && makes_way_at_last(peer->standing, now, fairness_))
            asked.push_back(peer);
    std::sort(asked.begin(), asked.end(), [](const Peer* a, const Peer* b) {
        return a->standing.connected < b->standing.connected;
    });
    std::size_t cut_now = 0;
    for (Peer* const peer : asked) {
        if (cut_now == at_once()) break;
        // Who always has something unread would be left alone for ever, and who asks again as soon
        // as it was answered always has.
        const bool had_its_turn =
            peer->standing.answered || peer->standing.connected + max_unread <= now;
        if (!had_its_turn && waits_for_us(*peer)) continue;
        cut(*peer, CutFor::last_resort);
        ++cut_now;
    }
    return cut_now > 0;
}

std::optional<Moment> Places::next_room() const {
    std::optional<Moment> next;
    for (const auto& [peer, address] : peers_) {
        if (peer->is_cut()) continue;
        const auto from = makes_way_from(peer->standing, fairness_);
        if (from && (!next || *from < *next)) next = from;
    }
    return next;
}

Peer* Places::greediest(Moment now) const {
    Peer* found = nullptr;
    double most = 0;
    for (const auto& [peer, address] : peers_) {
        const double used = peer->is_cut() ? 0 : memory_used(peer->standing, now, fairness_);
        if (used <= most) continue;
        most = used;
        found = peer;
    }
    return found;
}

double Places::most_used(Moment now) {
    const Peer* const found = greediest(now);
    return found == nullptr ? 0 : memory_used(found->standing, now, fairness_);
}

void Places::give_up_most_used(Moment now) {
    if (Peer* const found = greediest(now)) cut(*found, CutFor::memory);
}

}  // namespace runs_agent::net
