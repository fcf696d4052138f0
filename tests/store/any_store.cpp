// SPDX-License-Identifier: MIT
#include "tests/store/any_store.hpp"

#include "postgres/connection.hpp"
#include "sqlite/database.hpp"
#include "store/sqlite_store.hpp"
#include "tests/postgres/server_under_test.hpp"

#include <filesystem>
#include <unistd.h>

namespace runs_agent::store {

namespace {

postgres::Connection connect(const std::string& url) {
    return {postgres::read_target(url).value(), postgres::TimeLimits()};
}

}  // namespace

AnyStore::AnyStore() {
    static int made = 0;
    server_ = tests::server_under_test();
    if (server_.empty()) {
        place_ = dir_.file("a.db");
        return;
    }
    schema_ = "test_" + std::to_string(::getpid()) + "_" + std::to_string(++made);
    connect(server_).execute("CREATE SCHEMA " + schema_);
    place_ = server_ + "&application_name=" + schema_ + "&options=-csearch_path%3D" + schema_;
}

AnyStore::~AnyStore() {
    if (is_postgres()) connect(server_).execute("DROP SCHEMA " + schema_ + " CASCADE");
}

std::unique_ptr<Store> AnyStore::open(const PostgresStoreOptions& options) const {
    return (is_postgres() ? open_postgres_store(place_, options) : open_sqlite_store(place_))
        .value();
}

void AnyStore::execute(const std::string& sql) const {
    if (is_postgres())
        connect(place_).execute(sql);
    else
        sqlite::Database(place_).execute(sql.c_str());
}

std::string AnyStore::ask(const std::string& sql) const {
    if (is_postgres()) {
        auto connection = connect(place_);
        auto row = connection.prepare(sql);
        return row.step() ? row.text(0) : "";
    }
    sqlite::Database database(place_);
    auto row = database.prepare(sql);
    return row.step() ? row.text(0) : "";
}

void AnyStore::wipe() const {
    if (is_postgres())
        connect(server_).execute("DROP SCHEMA " + schema_ + " CASCADE; CREATE SCHEMA " + schema_);
    else
        for (const char* const end : {"", "-wal", "-shm"}) std::filesystem::remove(place_ + end);
}

}  // namespace runs_agent::store
