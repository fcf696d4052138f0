// SPDX-License-Identifier: MIT
// What is still to be sent to webhooks: rows that are there until they were delivered or given up.
//
// A webhook that does not answer is left alone as a whole, longer and longer: while it is, none of
// what waits for it is due, and then one, until that was taken. What it answered that it does not
// want waits by itself, and what came later of its run with it.
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"
#include "sqlite/database.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace runs_agent::runs_server {

struct OutgoingHook {
    std::string id;  // of this delivery, the same at each try
    std::string hook_id;
    std::string run_id;
    std::string event;
    std::string url;
    net::Headers headers;
    std::string body;
    Time created_at{};
    int tries = 0;  // so far, all in vain
};

/// What may be sent by now: each hook's first before any hook's second, the longest due first; of
/// each hook and run only the oldest, as what came later must not overtake it; of each hook at most
/// `per_hook`, and one of a hook that did not answer when it was last tried. What is due later than
/// `latest` is due now: nothing is put off so long, so the clock was set back.
std::vector<OutgoingHook> due_hooks(sqlite::Database& database, Time now, Time latest,
                                    std::size_t per_hook, std::size_t limit);

/// When something that is not due yet may be.
std::optional<Time> next_due_hook(sqlite::Database& database, Time now);

/// Given up.
void forget_hook(sqlite::Database& database, const std::string& id);
/// Its hook answers: whatever else waits for it is due.
void delivered(sqlite::Database& database, const OutgoingHook& hook);

using Pause = std::function<std::chrono::milliseconds(std::int64_t tries)>;

/// Twice as long after each try, up to the longest, less up to a fifth by `chance` (0 to 1).
Pause doubling_pause(std::chrono::milliseconds first, std::chrono::milliseconds longest,
                     double chance);

/// A try that was in vain.
struct InVain {
    bool hook_is_down = true;  // else it answered, and does not want this one
    Time began{};
    Time now{};
    Time latest{};  // as of due_hooks()
    Pause pause;
};

/// Puts off the hook, or this one alone. Of tries that were under way at once the first counts for
/// the hook. Returns when it is due.
Time put_off(sqlite::Database& database, const OutgoingHook& hook, const InVain& in_vain);

/// Is anything that was made before `made_before` to be given up, as its hook is down?
bool any_expired(sqlite::Database& database, Time now, Time made_before);
/// Gives up some of that, but nothing that is under way. Returns the hook of each.
std::vector<std::string> give_up_expired(sqlite::Database& database, Time now, Time made_before,
                                         const std::set<std::string>& under_way);

/// Makes due what is so only later than `after`: what kept it from being delivered may be mended,
/// as by a restart it is.
void retry_hooks(sqlite::Database& database, Time now, Time after);

}  // namespace runs_agent::runs_server
