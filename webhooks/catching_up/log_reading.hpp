// SPDX-License-Identifier: MIT
// How the log of a hook is read: over as many rounds as it takes, page by page, down to which
// deliveries never arrived.
#pragma once

#include "base/time.hpp"
#include "github/github.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace runs_agent::webhooks {

/// A delivery that never arrived, by the entries of the log that hold it.
struct MissedDelivery {
    std::string guid;
    std::vector<std::int64_t> ids;  // the newest first
    bool is_job = false;
};

/// A hook's log, grouped by GUID: GitHub lists every redelivery as an entry of its own.
class DeliveryGroups {
public:
    explicit DeliveryGroups(Time oldest) : oldest_(oldest) {}

    /// Takes a page in. False where the pages after it are too old to matter.
    [[nodiscard]] bool add(const std::vector<github::LoggedDelivery>& page);

    /// Once all is read: of those that arrived nothing need be known any more.
    void drop_arrived();

    /// Those that none of their entries was answered with success for, and that something may be
    /// decided upon. The newest run first: what an older attempt left must be judged in the
    /// knowledge of the newer one. Then the jobs, whose runs must be known.
    std::vector<MissedDelivery> missed() const;

private:
    struct Group {
        std::set<std::int64_t> ids;
        bool arrived = false;
        bool is_job = false;
    };

    Time oldest_;
    std::map<std::string, Group> groups_;
};

/// How far a hook's log has been read. A limit may stop that at any page, and a long log takes
/// several rounds: each goes on where the last one stopped, and then reads what is new on top.
class LogReading {
public:
    explicit LogReading(Time oldest) : groups_(oldest) {}

    /// A round begins.
    void begin(Time now);
    /// The page to be asked for next; absent: all is read.
    std::optional<std::string> cursor() const { return rest_ ? rest_ : top_; }
    /// Takes that page in.
    void add(const github::DeliveryLog& page);

    /// When that of which all is read was asked for.
    Time seen_at() const { return seen_at_; }
    std::vector<MissedDelivery> missed() const { return groups_.missed(); }

private:
    void begin_top();

    DeliveryGroups groups_;
    std::optional<std::string> rest_ = "";  // where the older entries go on
    std::optional<std::string> top_;        // where those go on that are new since the last round
    std::int64_t newest_ = 0;               // id: what is newer was not read yet
    std::int64_t newest_of_top_ = 0;
    Time began_{};
    Time top_began_{};
    Time seen_at_{};
};

}  // namespace runs_agent::webhooks
