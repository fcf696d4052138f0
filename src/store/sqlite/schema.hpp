// SPDX-License-Identifier: MIT
// The agent's SQLite file, on disk. Six tables tell the story of a delivery:
//
//   deliveries  one row for each X-GitHub-Delivery: what it was, the facts decisions need (compact
//               JSON, about 600 bytes), and after the decision its rule, its reason, and what of
//               the policy held (`policy`: NULL where a version before decided)
//   bodies      the payload, gzipped (a 19 KB body takes about 3 KB), apart from the rows that are
//               read often, and deleted after a few days
//   attempts    what events told of each attempt of each workflow run: the memory of the rules
//   calls       planned calls and where they stand; `key` makes planning the same one twice
//               impossible
//   tries       every request that was sent for a call, with its answer
//   moved_calls which deliveries had planned a call before it was planned anew by a later one
//
// three more are there for catching up with what was missed:
//
//   hooks        the webhooks that deliveries came from; ids are unique for a kind of hook, and
//                outlive a rename of their owner
//   repositories those that something to decide came from
//   looks        when each of these was last looked at to its end
//
// (`heard_at` of the first two is right to the hour, so that most deliveries write neither)
// `acts` keeps what people did by hand, who and why; `pauses` which service asked to be left alone
// and one row, `written`, is there to be written: readiness asks whether that can be done.
//
// Invariants: a delivery is undecided while decided_at is null, and its decision, its calls and
// what it told of its attempt appear in one transaction. A call is claimed by moving its due_at to
// the end of the lease and setting `leased`. Which open calls may be claimed, Store::claim_due
// says. `refused` counts the answers 401 and 403 in a row, and is above 0 until another answer
// came. `withdrawn` says why a call must not be done any more, nor be replayed. Times are
// milliseconds since 1970. Later versions append migrations, never edit one.
#pragma once

#include <span>

namespace runs_agent::store {

std::span<const char* const> sqlite_migrations();

}  // namespace runs_agent::store
