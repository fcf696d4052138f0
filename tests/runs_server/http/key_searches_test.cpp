// SPDX-License-Identifier: MIT
#include "runs_server/http/key_searches.hpp"

#include "base/encoding.hpp"
#include "runs_server/http/request_body.hpp"
#include "tests/run_awaitable.hpp"

#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include <algorithm>

namespace runs_agent::runs_server {
namespace {

using Request = std::shared_ptr<net::HttpRequest>;
using Outcome = KeySearch::Outcome;

constexpr std::size_t kibibyte = 1024;
constexpr std::size_t mebibyte = 1024 * kibibyte;

Request plain(std::string body, std::string peer = "proxy") {
    auto request = std::make_shared<net::HttpRequest>();
    request->body = std::move(body);
    request->peer = std::move(peer);
    return request;
}

Request packed(const std::string& body, std::string peer = "proxy") {
    Request request = plain(gzip(body, 1), std::move(peer));
    request->headers.add("Content-Encoding", "gzip");
    return request;
}

/// A body whose key stands behind `before` bytes that pack as well as nothing else does.
std::string with_key_after(std::size_t before) {
    return R"({"a":")" + std::string(before, 'a') + R"(","recordKey":"yes"})";
}

/// As much as a body may be, and no key in it.
Request bomb() {
    static const std::string body = gzip(with_key_after(max_unpacked), 1);
    Request request = plain(body);
    request->headers.add("Content-Encoding", "gzip");
    return request;
}

std::string key_of(const Outcome& outcome) {
    const auto* const key = std::get_if<std::string>(&outcome);
    return key != nullptr ? *key
                          : "status " + std::to_string(std::get<net::HttpResponse>(outcome).status);
}

Outcome search(const Request& request) {
    KeySearch search(request);
    for (;;)
        if (auto outcome = search.go_on(64 * kibibyte)) return std::move(*outcome);
}

TEST(KeySearch, LooksNoFurtherThanItMust) {
    const Request request = packed(R"({"recordKey":"yes","a":")" + std::string(50 * mebibyte, 'a'));
    KeySearch search(request);
    EXPECT_EQ(key_of(*search.go_on(64 * kibibyte)), "yes");
    EXPECT_LE(search.looked_through(), 64 * kibibyte);
    EXPECT_LT(search.taken(), kibibyte);
}

TEST(KeySearch, AKeyMayComeLate) {
    EXPECT_EQ(key_of(search(packed(with_key_after(3 * mebibyte)))), "yes");
    EXPECT_EQ(key_of(search(plain(with_key_after(3 * mebibyte)))), "yes");
    EXPECT_EQ(key_of(search(plain(R"({"recordKey":"yes"})"))), "yes");
}

TEST(KeySearch, RefusesWhatIsTooLargeOrBroken) {
    EXPECT_EQ(key_of(search(bomb())), "status 400");
    Request cut = packed(with_key_after(mebibyte));
    cut->body.resize(cut->body.size() / 2);
    EXPECT_EQ(key_of(search(cut)), "status 400");
    EXPECT_EQ(key_of(search(plain(R"({"a")"))), "status 400");
}

/// The fast lane without its thread, so that what an order costs can be counted.
class Flood : public testing::Test {
protected:
    using Queue = FairQueue<std::shared_ptr<KeySearch>>;

    std::shared_ptr<KeySearch> come(Request request) {
        Queue::Entry entry;
        entry.peer = request->peer;
        entry.bytes = request->body.size();
        entry.work = std::make_shared<KeySearch>(std::move(request));
        auto search = entry.work;
        EXPECT_TRUE(queue_.push(std::move(entry)).empty());
        return search;
    }

    /// Who ended.
    std::shared_ptr<KeySearch> turn() {
        Queue::Entry entry = queue_.take();
        const auto outcome = entry.work->go_on(limits_.fast_turn);
        if (!outcome && entry.work->looked_through() < limits_.fast_reach) {
            entry.rank = fast_rank(*entry.work);
            queue_.put_back(std::move(entry));
            return nullptr;
        }
        queue_.done(entry);
        return entry.work;
    }

    /// Bytes that are unpacked, of all, until `search` has ended.
    std::uint64_t cost_until(const std::shared_ptr<KeySearch>& search) {
        const std::uint64_t before = unpacked();
        while (turn() != search) {
        }
        return unpacked() - before;
    }

    std::uint64_t unpacked() const {
        std::uint64_t all = 0;
        for (const auto& search : all_) all += search->looked_through();
        return all;
    }

    KeySearchLimits limits_;
    Queue queue_{limits_.fast_places, limits_.max_bytes};
    std::vector<std::shared_ptr<KeySearch>> all_;
};

TEST_F(Flood, OfBombsCostsAReporterAFewTurns) {
    for (int i = 0; i < 60; ++i) all_.push_back(come(bomb()));
    for (int i = 0; i < 100; ++i) turn();
    for (int i = 0; i < 20; ++i) {
        const auto honest = come(packed(with_key_after(2 * kibibyte)));
        all_.push_back(honest);
        EXPECT_LE(cost_until(honest), 3 * limits_.fast_turn);
        all_.push_back(come(bomb()));
    }
}

TEST_F(Flood, OfBombsDoesNotKeepALongReportFromItsEnd) {
    for (int i = 0; i < 60; ++i) all_.push_back(come(bomb()));
    const auto honest = come(packed(with_key_after(500 * kibibyte)));
    all_.push_back(honest);
    EXPECT_LE(cost_until(honest), 61 * limits_.fast_reach);
    EXPECT_LT(honest->looked_through(), mebibyte);
}

TEST(SlowLane, WhatUnpacksToLittleComesBeforeBombs) {
    std::string various;
    while (various.size() < 2 * mebibyte) various += random_hex(16) + "aaaaaaaa";
    KeySearch honest(packed(R"({"a":")" + various + R"(","recordKey":"yes"})"));
    KeySearch worst(bomb());
    EXPECT_FALSE(honest.go_on(mebibyte));
    EXPECT_FALSE(worst.go_on(mebibyte));
    EXPECT_LT(slow_rank(honest), slow_rank(worst));
}

class KeySearchesTest : public testing::Test {
protected:
    boost::asio::io_context context_;

    void send(KeySearches& searches, Request request) {
        boost::asio::co_spawn(context_, searches.find(std::move(request)),
                              [this](const std::exception_ptr&, const Outcome& outcome) {
                                  ended_.push_back(key_of(outcome));
                              });
    }

    std::vector<std::string> ended_;
};

TEST_F(KeySearchesTest, AReporterIsAnsweredWhileBombsAre) {
    auto searches = std::make_unique<KeySearches>();
    for (int i = 0; i < 60; ++i) send(*searches, bomb());
    context_.poll();
    EXPECT_EQ(key_of(tests::run(context_, searches->find(packed(with_key_after(kibibyte))))),
              "yes");
    EXPECT_LT(searches->counts().fast, 62 * KeySearchLimits().fast_reach);
    // What still waits is answered at the end.
    searches.reset();
    context_.restart();
    context_.run();
    EXPECT_EQ(ended_.size(), 60U);
}

TEST_F(KeySearchesTest, AKeyThatComesLateIsFoundByTheSlowLane) {
    KeySearches searches;
    EXPECT_EQ(key_of(tests::run(context_, searches.find(packed(with_key_after(5 * mebibyte))))),
              "yes");
    EXPECT_GT(searches.counts().slow, 3 * mebibyte);
    EXPECT_EQ(searches.counts().refused, 0U);
}

TEST_F(KeySearchesTest, AFullLaneAsksToComeAgain) {
    KeySearchLimits limits;
    limits.fast_places = 2;
    limits.slow_places = 1;
    auto searches = std::make_unique<KeySearches>(limits);
    for (int i = 0; i < 60; ++i) send(*searches, bomb());
    context_.run();
    ASSERT_EQ(ended_.size(), 60U);
    // Those that were looked through to their end are told what is wrong with them.
    const auto refused = std::count(ended_.begin(), ended_.end(), "status 503");
    EXPECT_EQ(refused + std::count(ended_.begin(), ended_.end(), "status 400"), 60);
    EXPECT_EQ(static_cast<std::uint64_t>(refused), searches->counts().refused);
    EXPECT_GE(refused, 30);
}

}  // namespace
}  // namespace runs_agent::runs_server
