// SPDX-License-Identifier: MIT
#include "runs_server/runs/delete_run.hpp"

#include "tests/runs_server/reporting/reporting_fixture.hpp"

namespace runs_agent::runs_server {
namespace {

class DeleteRun : public ReportingTest {
protected:
    std::int64_t rows_in(sqlite::Database& database, const std::string& table) {
        sqlite::Statement row = database.prepare("SELECT count(*) FROM " + table);
        row.step();
        return row.integer(0);
    }

    /// Of an address on this server.
    static std::string path_of(const rapidjson::Value& url) {
        const std::string whole = url.GetString();
        return whole.substr(whole.find("/v1/"));
    }

    HttpResponse delete_it() { return ask("DELETE", "/v1/runs/" + run_); }
};

TEST_F(DeleteRun, NothingOfItIsLeft) {
    start();
    const std::string spec = begin();
    const std::string record = added(spec, "t1", "failed", true);
    report("POST", "/artifacts/test-record/" + record,
           R"({"type":"trace","name":"x","attemptId":0,"artifactId":"a"})");
    EXPECT_EQ(reset("m1").status, 200);
    EXPECT_EQ(delete_it().status, 200);
    EXPECT_EQ(delete_it().status, 404);
    sqlite::Database database(file());
    while (remove_some(database)) {
    }
    for (const char* const table : {"runs", "groups", "specs", "tests", "records", "suite_tests",
                                    "suites", "artifacts", "reporters", "lost_claims"})
        EXPECT_EQ(rows_in(database, table), 0) << table;
}

TEST_F(DeleteRun, ItIsThereForNobodyWhileItsRowsAreRemoved) {
    start();
    const std::string spec = begin();
    const std::string record = added(spec, "t1", "pending", false);
    const auto files = json(report("POST", "/artifacts/instance/" + spec,
                                   R"({"type":"video","name":"v","artifactId":"a"})"));
    const std::string write = path_of(files["uploadUrl"]);
    const std::string read = path_of(files["readUrl"]);
    EXPECT_EQ(ask("PUT", write, "bytes").status, 200);
    EXPECT_EQ(ask("GET", read).status, 200);
    sqlite::Database database(file());
    EXPECT_EQ(delete_run(database, run_, "api:me", clock_.now()).status, 200);
    EXPECT_EQ(delete_run(database, run_, "api:me", clock_.now()).status, 404);
    const std::string deleted = run_;
    for (const std::string& target : {"/v1/runs/" + deleted, "/v1/instances/" + spec,
                                      std::string("/v1/runs/find?projectId=p1&ciBuildId=b1")})
        EXPECT_EQ(ask("GET", target).status, 404) << target;
    EXPECT_EQ(json(ask("GET", "/v1/projects/p1/runs"))["data"].Size(), 0U);
    EXPECT_EQ(ask("PUT", "/v1/runs/" + deleted + "/cancel").status, 404);
    EXPECT_EQ(change(record, 1, "failed", true).status, 404);
    EXPECT_EQ(add(spec, "t2", "failed", true).status, 404);
    begin("m1", 404);
    EXPECT_EQ(report("POST", "/artifacts/test-record/" + record, "{}").status, 404);
    EXPECT_EQ(report("POST", "/artifacts/instance/" + spec, "{}").status, 404);
    EXPECT_EQ(ask("PUT", write, "bytes").status, 404);
    EXPECT_EQ(ask("GET", read).status, 404);
    // Its build may be recorded anew, and stays when the rest is removed.
    start();
    EXPECT_NE(run_, deleted);
    while (remove_some(database)) {
    }
    EXPECT_EQ(state(run_), "IN_PROGRESS");
    EXPECT_EQ(rows_in(database, "runs"), 1);
    EXPECT_EQ(rows_in(database, "specs"), 1);
    EXPECT_EQ(rows_in(database, "records"), 0);
}

TEST_F(DeleteRun, ALargeOneIsRemovedInPortions) {
    start();
    begin();
    sqlite::Database database(file());
    database.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"
        " INSERT INTO suite_tests(spec_id, test_id) SELECT (SELECT id FROM specs), i FROM n");
    EXPECT_EQ(delete_run(database, run_, "api:me", clock_.now()).status, 200);
    std::int64_t before = rows_in(database, "suite_tests");
    while (remove_some(database)) {
        const std::int64_t after = rows_in(database, "suite_tests");
        EXPECT_LE(before - after, 5000);
        before = after;
    }
    EXPECT_EQ(before, 0);
    EXPECT_EQ(rows_in(database, "runs"), 0);
}

TEST_F(DeleteRun, LargeFilesAreRemovedAFewMegabytesAtATime) {
    start();
    begin();
    sqlite::Database database(file());
    database.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 11)"
        " INSERT INTO artifacts(id, spec_id, machine_id, level, test_id, attempt, path, type, name,"
        " content_type, created_at, size) SELECT 'a' || i, (SELECT id FROM specs), 'm1', 'spec', "
        "'',"
        " 0, 'p' || i, 'video', '', '', 0, iif(i = 11, 26214400, 6291456) FROM n");
    EXPECT_EQ(delete_run(database, run_, "api:me", clock_.now()).status, 200);
    std::int64_t before = rows_in(database, "artifacts");
    while (remove_some(database)) {
        const std::int64_t after = rows_in(database, "artifacts");
        EXPECT_LE(before - after, 2);
        before = after;
    }
    EXPECT_EQ(before, 0);
}

}  // namespace
}  // namespace runs_agent::runs_server
