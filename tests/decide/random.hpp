// SPDX-License-Identifier: MIT
// Random numbers that are the same everywhere.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace runs_agent::decide::tests {

/// SplitMix64: the same numbers everywhere, from any seed. Source: Steele, Lea and Flood, "Fast
/// splittable pseudorandom number generators", 2014.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31U);
    }
    /// From 0 to `below` - 1.
    int under(int below) { return static_cast<int>(next() % static_cast<std::uint64_t>(below)); }
    bool percent(int chance) { return under(100) < chance; }
    template <class T, std::size_t Size>
    const T& pick(const T (&choices)[Size]) {
        return choices[under(static_cast<int>(Size))];
    }
    std::chrono::seconds seconds(int most) { return std::chrono::seconds(under(most + 1)); }

private:
    std::uint64_t state_;
};

}  // namespace runs_agent::decide::tests
