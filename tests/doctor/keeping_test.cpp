// SPDX-License-Identifier: MIT
#include "doctor/keeping.hpp"

#include "expecting.hpp"

namespace runs_agent::doctor {
namespace {

using namespace std::chrono_literals;

const Time now(std::chrono::hours(24 * 1000));

TEST(Keeping, AFileOfRootsIsWrongWhereTheDaemonIsSurelyNotRoot) {
    DatabaseSeen seen;
    seen.path = "/x/a.db";
    seen.roots = "/x/a.db-wal belongs to root, and its folder to the user";
    expect(judge_database(seen), Verdict::warning, {"a.db-wal", "if its daemon", "chown"});
    seen.user_made_up = true;
    expect(judge_database(seen), Verdict::wrong, {"a.db-wal", "503", "chown"});
}

TEST(Keeping, Signatures) {
    SignaturesSeen seen;
    expect(judge_signatures(seen, now), Verdict::warning, {"no delivery was ever verified"});
    seen.refused = 3;  // this program's own are not among them
    expect(judge_signatures(seen, now), Verdict::wrong, {"3 signatures"});
    seen.last_refused = now - 1min;
    expect(judge_signatures(seen, now), Verdict::wrong, {"3 signatures", "1 min 0 s ago"});
    seen.last_good = now - 1h;
    // Anybody can send what does not fit: of a secret that works nothing is changed for that.
    expect(judge_signatures(seen, now), Verdict::warning,
           {"was changed on GitHub", "somebody tries", "the peers"});
    seen.github_refused = now - 2h;  // another secret, which was mended
    expect(judge_signatures(seen, now), Verdict::warning);
    seen.github_refused = now - 1min;
    expect(judge_signatures(seen, now), Verdict::wrong,
           {"1 h 0 min ago", "since then none fitted"});
    seen.last_good = now - 2s;
    expect(judge_signatures(seen, now), Verdict::warning, {"second webhook"});
    seen.last_refused = now - 25h;
    expect(judge_signatures(seen, now), Verdict::ok, {"3 signatures"});
    seen.last_refused.reset();
    seen.last_ping = now - 48h;
    expect(judge_signatures(seen, now), Verdict::ok, {"2 s ago", "the last ping 48 h 0 min ago"});
}

TEST(Keeping, Database) {
    DatabaseSeen seen;
    seen.path = "/a.db";
    seen.version = seen.newest = 7;
    expect(judge_database(seen), Verdict::ok, {"schema 7", "may be written"});
    seen.written = true;
    expect(judge_database(seen), Verdict::ok, {"written just now"});
    seen.version = 6;
    expect(judge_database(seen), Verdict::warning, {"older version", "start the daemon"});
    seen.version = 8;
    expect(judge_database(seen), Verdict::wrong, {"newer version"});
    seen.there = false;
    expect(judge_database(seen), Verdict::not_looked_at, {"first start"});
    seen.fault = "read-only file system";
    expect(judge_database(seen), Verdict::wrong, {"read-only file system", "503"});
    seen.fault = "/a.db-wal belongs to root, and its folder to another";
    expect(judge_database(seen), Verdict::wrong, {"belongs to root", "chown --reference"});
    seen.root_needed = true;
    expect(judge_database(seen), Verdict::not_looked_at, {"as root"});
}

TEST(Keeping, EachFaultOfADatabaseHasItsCure) {
    const auto of = [](const char* fault) {
        DatabaseSeen seen;
        seen.path = "/a.db";
        seen.fault = fault;
        return judge_database(seen);
    };
    expect(of("SQLite could not run: database is locked"), Verdict::wrong, {"fuser -v"});
    expect(of("database disk image is malformed"), Verdict::wrong, {"restore a backup"});
    expect(of("file is not a database"), Verdict::wrong, {"restore a backup"});
    expect(of("connection to server failed: Connection refused"), Verdict::wrong,
           {"start PostgreSQL"});
    expect(of("FATAL: password authentication failed for user \"a\""), Verdict::wrong,
           {"user and password"});
    expect(of("FATAL: database \"b\" does not exist"), Verdict::wrong, {"make the database"});
    expect(of("could not connect: connection to server on socket \"/s\" failed: No such file"),
           Verdict::wrong, {"folder of its socket"});
    expect(of("timeout expired"), Verdict::wrong, {"does not answer"});
    expect(of("read-only file system"), Verdict::wrong, {"mounted writable"});
    DatabaseSeen seen;
    seen.path = "/a.db";
    seen.log_left = true;
    expect(judge_database(seen), Verdict::not_looked_at, {"-wal", "start the daemon"});
    seen.fault = "it is of an older version";
    seen.behind = true;
    expect(judge_database(seen), Verdict::warning, {"start the daemon"});
}

TEST(Keeping, Disk) {
    constexpr std::uint64_t mebibyte = 1024ULL * 1024;
    expect(judge_disk({"/d", 300 * mebibyte, false}), Verdict::ok, {"300 MiB"});
    expect(judge_disk({"/d", 255 * mebibyte, false}), Verdict::warning, {"255 MiB"});
    expect(judge_disk({"/d", 15 * mebibyte, false}), Verdict::wrong, {"refused (503)"});
    expect(judge_disk({"/d", 300 * mebibyte, true}), Verdict::wrong, {"df -i"});
}

TEST(Keeping, Backlog) {
    BacklogSeen seen;
    for (const Finding& one : judge_backlog(seen, now)) expect(one, Verdict::ok);
    seen.pending = 1;
    seen.oldest_pending = now - 59min;
    expect(judge_backlog(seen, now)[1], Verdict::ok, {"1 call is pending"});
    seen.oldest_pending = now - 61min;
    expect(judge_backlog(seen, now)[1], Verdict::warning, {"deliveries show"});
    seen.daemon_runs = false;
    expect(judge_backlog(seen, now)[1], Verdict::warning, {"no daemon"});
    seen.daemon_runs = true;
    seen.undecided = 1'001;
    expect(judge_backlog(seen, now)[1], Verdict::wrong, {"1001 deliveries wait"});
    seen.held = 2;
    seen.held_because = "read-only";
    expect(judge_backlog(seen, now)[0], Verdict::wrong,
           {"2 calls wait", "read-only", "CURRENTS_API_KEY_FILE"});
    seen.dead = 1;
    expect(judge_backlog(seen, now)[2], Verdict::wrong, {"1 call was given up", "replay"});
}

TEST(Keeping, Clock) {
    expect(judge_clock({}, false), Verdict::not_looked_at);
    expect(judge_clock({{"GitHub", 9s}, {"the Runs API", -9s}}, true), Verdict::ok,
           {"GitHub and the Runs API"});
    expect(judge_clock({{"GitHub", 1s}, {"the Runs API", -11s}}, true), Verdict::warning,
           {"11 s behind the Runs API's"});
    expect(judge_clock({{"GitHub", 60s}}, true), Verdict::wrong, {"ahead of GitHub's", "signs"});
    EXPECT_EQ(judge_clock({{"GitHub", 60s}}, false).why.find("signs"), std::string::npos);
}

}  // namespace
}  // namespace runs_agent::doctor
