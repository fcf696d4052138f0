// SPDX-License-Identifier: MIT
// The body of a request that announces what tests a run has. Each child of an orchestration
// announces the whole suite, tens of megabytes: so it is read outside of the database's writing
// thread, and not at all where the run knows the very same text.
#pragma once

#include "runs_server/recording/record_request.hpp"
#include "sqlite/database.hpp"

#include <rapidjson/document.h>

#include <string>
#include <string_view>

namespace runs_agent::runs_server {

/// On one thread at a time.
class AnnouncedBody {
public:
    /// Reads all but the suite, which the body has under the name `suite`.
    AnnouncedBody(std::string body, std::string_view suite);
    AnnouncedBody(const AnnouncedBody&) = delete;
    AnnouncedBody& operator=(const AnnouncedBody&) = delete;

    /// What is wrong with the body; empty where nothing is, as far as it has been read.
    const std::string& wrong() const { return wrong_; }
    const rapidjson::Value& root() const { return root_; }
    RecordRequest& request() { return request_; }
    const RecordRequest& request() const { return request_; }

    /// Does it announce a suite with any test? Known of one that was not read by that it was taken
    /// in before.
    bool has_suite() const { return !digest_.empty(); }
    /// Does it say that there is no test at all? Known of one that was read.
    bool says_none() const { return says_none_; }
    /// Tells the suite's text, and the group of its projects without a name, from others; empty
    /// where there is none.
    const std::string& digest() const { return digest_; }

    /// Bytes, as it came.
    std::size_t size() const { return size_; }

    /// Reads the suite into request(), unless that was done.
    void read_suite();

private:
    void read_rest(std::string_view suite);

    std::string body_;  // of which root_ or suite_ holds texts
    std::string rest_;  // the body without the suite
    rapidjson::Document root_;
    rapidjson::Document suite_;
    RecordRequest request_;
    std::string wrong_;
    std::string digest_;
    bool says_none_ = false;
    std::size_t size_ = 0;
    std::size_t unread_ = 0;  // where the suite begins in body_, which ends with it; 0: it was read
};

/// Has the run that this announces taken its suite in already? A read.
bool knows_suite(sqlite::Database& database, const AnnouncedBody& announced);

}  // namespace runs_agent::runs_server
