// SPDX-License-Identifier: MIT
// A store of either backend for a test: SQLite in a folder of its own, or, where
// RUNS_AGENT_TEST_POSTGRES names a server (tests/postgres/server starts one), PostgreSQL in a
// schema of its own.
#pragma once

#include "store/postgres_store.hpp"
#include "store/store.hpp"
#include "tests/temp_dir.hpp"

#include <memory>
#include <string>

namespace runs_agent::store {

class AnyStore {
public:
    AnyStore();
    ~AnyStore();
    AnyStore(const AnyStore&) = delete;
    AnyStore& operator=(const AnyStore&) = delete;

    bool is_postgres() const { return !server_.empty(); }
    /// The URL of the schema. Of SQLite: the file's path.
    const std::string& place() const { return place_; }
    /// Opens it; what is there stays.
    std::unique_ptr<Store> open(const PostgresStoreOptions& options = {}) const;
    /// Runs statements past the store.
    void execute(const std::string& sql) const;
    /// The first column of the first row.
    std::string ask(const std::string& sql) const;
    /// Takes away all that is there. No store may be open.
    void wipe() const;

private:
    tests::TempDir dir_;
    std::string server_;  // a URL; empty: SQLite
    std::string schema_;
    std::string place_;
};

}  // namespace runs_agent::store
