// SPDX-License-Identifier: MIT
#include "store/postgres/setting_up.hpp"

#include "store/postgres/lanes.hpp"
#include "store/postgres/schema.hpp"

namespace runs_agent::store {

namespace {

/// Of who looks, and does not wait for what hangs.
postgres::TimeLimits short_ones() {
    postgres::TimeLimits limits;
    limits.statement = limits.lock = std::chrono::seconds(4);
    limits.answer = std::chrono::seconds(5);
    return limits;
}

Result<void> look(const postgres::Target& target, Replica& self) {
    postgres::Connection connection(target, short_ones());
    if (auto ready = check_migrated(connection, postgres_migrations()); ready.has_error())
        return ready;
    self.salt = salt_of(connection);
    return {};
}

}  // namespace

Result<std::string> describe_postgres_url(const std::string& url) {
    auto target = postgres::read_target(url);
    if (target.has_error()) return target.error();
    return std::move(target->name);
}

postgres::PoolOptions pool_options(const PostgresStoreOptions& options) {
    postgres::PoolOptions made;
    made.connections = options.connections;
    made.on_commit = options.on_commit;
    if (options.visitor) {
        // A person waits for a list of millions as long as it takes, but not for ever.
        made.connections = 1;
        made.limits.statement = std::chrono::minutes(1);
        made.limits.answer = made.limits.statement + std::chrono::seconds(5);
    }
    if (options.looks) made.limits = short_ones();
    return made;
}

Result<void> check_clock(Time server, Time own, std::chrono::milliseconds most) {
    const auto difference = own > server ? own - server : server - own;
    if (difference <= most) return {};
    return fail(Errc::store, "this machine's clock and the database server's differ by " +
                                 std::to_string(difference.count()) +
                                 " ms; set both right (NTP): what waits is due by them");
}

Result<void> set_up(const postgres::Target& target, Replica& self,
                    const PostgresStoreOptions& options) {
    if (options.looks) return look(target, self);
    postgres::TimeLimits patient;
    patient.answer = std::chrono::hours(1);  // a migration of a large table
    postgres::Connection connection(target, patient);
    Result<bool> ready = false;
    if (options.visitor) ready = has_all(connection, postgres_migrations());
    if (ready.has_error()) return ready.error();
    if (!*ready) {
        MigrationWaits waits;
        waits.on_wait = options.on_migration_waits;
        const auto migrated = migrate(connection, postgres_migrations(), waits);
        if (migrated.has_error()) return migrated.error();
    }
    self.salt = salt_of(connection);
    if (options.visitor) return {};
    self.id = new_replica_id();
    say_alive(connection, self);
    return {};
}

}  // namespace runs_agent::store
