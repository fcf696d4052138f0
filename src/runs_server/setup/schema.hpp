// SPDX-License-Identifier: MIT
// The embedded Runs API's SQLite file, on disk:
//
// - projects: what runs belong to. After `inactivity` milliseconds without a report a run ends as
//   TIMEOUT; a run keeps the one that held when it was made.
// - keys: API keys (`kind` api) and record keys (record), as SHA-256 of the key. The keys are long
//   and random, so a plain hash cannot be guessed back, and a stolen file opens nothing.
// - runs: one row for each project and CI build id; `seq` is the order in which they were made, and
//   is never used again, as cursors of lists are made of it: last_seq has the last, deleted or not.
//   One with a deleted_at is there for nobody, and waits for its rows to be removed.
// - groups: what a run's reporters call a group, with its platform, and where it is tested
//   (`environment`).
// - specs: one row for each spec file of a group, an instance. Known from the full test suite, then
//   claimed by a machine, then complete with its counters and `stats`. It `failed` where a test did
//   or an exception kept the spec from running; failed_before where it was reset since and nobody
//   has reported it again.
// - tests: the tests of a spec, apart from its row: they are large, and counting must not read
// them.
//   `tests` were reported since its last reset, `earlier` before that and not again since;
//   `unnamed` is what cannot be listed of the latter (unnamed.hpp).
// - reports: who has reported results of a spec; `digest` tells the same ones, sent again. They
//   were `taken` if they told of anything new, and are `stale` once the spec was reset; `unnamed`
//   is there where one told of a failure that cannot be listed: what it listed beside it.
// - reporters: the machines that announced or reported anything of a run.
// - suite_tests: the tests that were announced of a spec whose reporter tells of each test by
// itself;
//   `done` once there is a result that counts, and specs.tests_open of them are not. suites tells
//   the announcements of a run that were taken in; an empty digest is that of no tests at all.
// - records: what one machine tells of one test, while it runs and when it is done (test_rows.hpp);
//   `stale` once its spec was reset.
// - lost_claims: machines whose claim on a spec ended with a reset: what they still send of it
// counts
//   no more until they begin it anew.
// - given_back: specs that a machine was given and did not begin: it gets them no more.
// - durations: how long a spec took in a project's runs of late, in milliseconds: specs.expected is
//   that when its run was announced to be handed out. orchestrations: machines that ask what to run
//   next, and how many specs each takes at once. specs.handed: how often the spec was given to the
//   machine that has it; specs.begun once that machine began it.
// - cypress_machines: which specs a machine with cypress-cloud knows, as it announced them; it can
// run
//   no other.
// - claims: which machine was given a spec that cypress-cloud announced (specs.cypress), and when;
//   of one request are those of one `batch`. `id` is what the machine knows the instance by, and
//   nobody else; of several claims of a spec the last one counts. `tests` are their names, once
//   they were told.
// - caches: uploads of `currents cache`, by the name under which they are looked for, and debug
//   logs; of each its cache_files, whose `content` is absent until it was uploaded.
// - answered: what was answered to a request that carries an idempotency key, for as long as it may
//   come again. runs.fail_after: at so many failed tests the run is cancelled; none: never.
// - artifacts: files that belong to a spec, a test or an attempt; `content` is absent until it was
//   uploaded.
// - hooks: whom a project's webhooks go to. `headers` is a JSON object, and holds secrets; `events`
// a
//   list of those it wants. A hook that did not answer in `tries` tries, one after the other, is
//   asked nothing before `due_at`. outbox: what is still to be sent; of a hook and a run in the
//   order of `seq`, from its `due_at` on. What is delivered, or given up, goes.
// - runs.told: the completion state that was last told of, empty before the first. runs.changed: it
//   may be in another now; the triggers set it, so that nothing that changes a state can forget to,
//   and notifying/announce.hpp looks before the transaction ends. runs.base_url: of this server, as
//   whoever began the run knew it.
// - settings: nothing any more. A `url_key` in it is not used: the key that signs the addresses of
//   artifacts is kept outside, so that a copy of the database does not hold it.
//
// Invariants: a run's state is stored nowhere, run_state.hpp derives it from these rows and the
// time; `completed_at` is set exactly where `stats` is; what belongs to a run goes with it. Later
// versions append migrations, never edit one.
#pragma once

#include <span>

namespace runs_agent::runs_server {

std::span<const char* const> migrations();

}  // namespace runs_agent::runs_server
