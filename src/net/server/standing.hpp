// SPDX-License-Identifier: MIT
// Who makes way when a server's places, or the memory of its process, run out. Pure: what is known
// of each connection goes in, who goes first comes out.
//
// A stranger can send whatever an honest sender sends, but for a signature or a key; and it cannot
// make time pass. So what counts is first whether somebody at that address has shown a signature or
// a key that fits, and then how long a place was held for how little: who says nothing, trickles,
// or does not read its answer makes way for who has only just come. A sender that does its work at
// an ordinary pace is never behind, and who waits for us (`working`) never makes way at all. To
// nobody else is more promised than an order: a stranger who has always just begun something has
// been connected longer than the sender who has only just come. It cannot ask before it was
// answered and look like a sender, either, nor say nothing while it waits and have that time again.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace runs_agent::net {

/// What a connection does; where all else is equal, the earlier in this list makes way first.
enum class Doing : std::uint8_t {
    lingering,  // it was refused, and is given a moment to read why
    writing,    // it takes its answer
    silent,     // it has connected, and said nothing
    reading,    // it sends a request
    idle,       // it was answered, and may send another request
    working,    // it waits for us
};

/// What a connection is ended in favour of others for.
enum class CutFor : std::uint8_t {
    place,        // another waits for it, and this one was behind
    last_resort,  // the same, where nobody was behind
    memory,
};

using Moment = std::chrono::steady_clock::time_point;

struct Standing {
    Doing doing = Doing::silent;
    Moment since{};            // when it began to do so
    Moment connected{};        // when it came
    std::uint64_t moved = 0;   // bytes that it sent or took since it began to do so
    std::uint64_t in_all = 0;  // and since it came
    Moment moved_at{};         // when the last of them did
    std::uint64_t held = 0;    // bytes of memory that its request, or the answer, takes
    bool verified = false;     // it has shown a signature or a key that fits itself
    bool known = false;        // somebody at its address has, lately
    bool crowded = false;      // its address has more than its part of the places
    bool answered = false;     // it was answered on this connection
    bool ahead = false;        // it had sent more before it was answered
};

struct Fairness {
    /// For this long nobody who has just begun something makes way for others.
    std::chrono::milliseconds grace{250};
    /// For this long a verified sender that was answered may take its time with the next request,
    /// which may be on its way: a proxy that reuses the connection would answer 502.
    std::chrono::milliseconds verified_grace{5'000};
    /// Bytes a second; who keeps this up is not behind.
    std::uint64_t pace = 64ULL * 1024;
    /// A verified sender of whom nothing has come for so long has stalled.
    std::chrono::milliseconds stalled{1'000};
    /// Bytes buy a stranger no more time than this.
    std::chrono::milliseconds max_credit{10'000};
};

/// From when on it may be asked to make way; absent: not at all. Strangers have one grace for all
/// that they do on a connection, or a new request every moment would make it last for ever. Nor is
/// a known address spared for what it pipelines, which no sender does that we know of, nor a proxy.
std::optional<Moment> makes_way_from(const Standing& standing, const Fairness& fairness);

/// Of two that may be asked: does `a` make way before `b`?
bool makes_way_before(const Standing& a, const Standing& b);

/// Where nobody may be asked: may this one be, as the last resort? Of several, who came first; who
/// was answered has had what it came for, and a part of the grace is enough. Of the verified, none
/// but who takes seconds for one request.
bool makes_way_at_last(const Standing& standing, Moment now, const Fairness& fairness);

/// How much memory a request has held for how long, in bytes times seconds: who has used the most
/// makes way where memory is short, so that a large body that arrives at once outlasts a smaller
/// one that is never finished. None of who waits for us; of who is known a part only, and of who is
/// verified next to nothing, so that strangers are given up before; and none of one whose request
/// still comes, as the next of its kind can be told to send again.
double memory_used(const Standing& standing, Moment now, const Fairness& fairness = {});

}  // namespace runs_agent::net
