// SPDX-License-Identifier: MIT
#include "net/server/places.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <vector>

namespace runs_agent::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

class PlacesTest : public testing::Test {
protected:
    explicit PlacesTest(std::size_t most = 2) : places_(most, Fairness(), budget_) {}

    struct Connected {
        tcp::socket client;
        Peer peer;
    };

    ~PlacesTest() override {
        for (Connected& one : connected_) places_.remove(one.peer);
    }

    MemoryShare share() { return {budget_, MemoryBudget::Use::arriving}; }

    /// Somebody who has been doing this for a while.
    Connected& connect(Doing doing) {
        tcp::socket client(context_);
        client.connect(acceptor_.local_endpoint());
        connected_.push_back({std::move(client), {acceptor_.accept(), share(), 4096}});
        Connected& made = connected_.back();
        made.peer.now(doing);
        made.peer.standing.since -= 1s;
        made.peer.standing.connected -= 1s;
        places_.add(made.peer);
        return made;
    }

    asio::io_context context_;
    tcp::acceptor acceptor_{context_, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)};
    std::shared_ptr<MemoryBudget> budget_ = std::make_shared<MemoryBudget>(1'000'000, 1'000'000);
    Places places_;
    std::deque<Connected> connected_;
};

/// So many that two are asked at once.
class ManyPlacesTest : public PlacesTest {
protected:
    ManyPlacesTest() : PlacesTest(128) {}
};

TEST_F(ManyPlacesTest, SeveralStrangersMakeWayAtOnceAndNobodyWhoWasVerifiedWithThem) {
    Peer& verified = connect(Doing::idle).peer;
    verified.standing.verified = verified.standing.known = true;
    verified.standing.since -= 1h;
    std::vector<Peer*> strangers;
    strangers.reserve(3);
    for (int i = 0; i < 3; ++i) strangers.push_back(&connect(Doing::silent).peer);
    const auto cut = [&] {
        return std::count_if(strangers.begin(), strangers.end(),
                             [](const Peer* one) { return one->is_cut(); });
    };
    ASSERT_TRUE(places_.make_room());
    EXPECT_EQ(cut(), 2);
    ASSERT_TRUE(places_.make_room());
    EXPECT_EQ(cut(), 3);
    EXPECT_FALSE(verified.is_cut());
    ASSERT_TRUE(places_.make_room());
    EXPECT_TRUE(verified.is_cut());
}

TEST_F(PlacesTest, WhoIsCutGivesItsBodyUpAtOnce) {
    Connected& one = connect(Doing::reading);
    std::string body(100'000, 'x');
    one.peer.arriving(&body);
    ASSERT_TRUE(one.peer.hold(body.size()));
    ASSERT_TRUE(places_.make_room());
    EXPECT_LT(body.capacity(), 100U) << "it has no step before others may fill the room";
    EXPECT_EQ(budget_->used(), 0U);
    one.peer.arriving(nullptr);
}

TEST_F(PlacesTest, WhatWasRefusedIsFreedBeforeTheRefusalIsRead) {
    Connected& one = connect(Doing::reading);
    std::string body(100'000, 'x');
    one.peer.arriving(&body);
    ASSERT_TRUE(one.peer.hold(body.size()));
    one.peer.let_go();
    EXPECT_LT(body.capacity(), 100U);
    EXPECT_EQ(budget_->used(), 0U);
    one.peer.arriving(nullptr);
}

TEST_F(PlacesTest, AStrangerWhoWasAnsweredIsNotSparedForWhatItHasSentSince) {
    for (const bool known : {false, true}) {
        Connected& one = connect(Doing::idle);
        if (known) places_.remember(one.peer);
        one.peer.standing.verified = false;
        asio::write(one.client, asio::buffer("GET", 3));
        one.peer.stream.socket().wait(tcp::socket::wait_read);
        EXPECT_EQ(places_.make_room(), !known);
        EXPECT_EQ(one.peer.is_cut(), !known);
        places_.remove(one.peer);
        connected_.clear();
    }
}

TEST_F(PlacesTest, WhoHasSentWhatNobodyHasReadYetIsLeftAlone) {
    Connected& one = connect(Doing::reading);
    places_.remember(one.peer);
    one.peer.standing.connected += 1s;
    asio::write(one.client, asio::buffer("x", 1));
    one.peer.stream.socket().wait(tcp::socket::wait_read);
    EXPECT_FALSE(places_.make_room());
    char byte = 0;
    asio::read(one.peer.stream.socket(), asio::buffer(&byte, 1));
    EXPECT_TRUE(places_.make_room());
}

TEST_F(PlacesTest, WhoHasSaidNothingWhileItWaitedToBeAcceptedHasHadThatTime) {
    for (const bool speaks : {false, true}) {
        tcp::socket client(context_);
        client.connect(acceptor_.local_endpoint());
        if (speaks) asio::write(client, asio::buffer("GET", 3));
        asio::steady_timer pause(context_, 60ms);
        pause.wait();
        const Moment before = std::chrono::steady_clock::now();
        const Peer peer(acceptor_.accept(), share(), 4096);
        EXPECT_EQ(peer.standing.connected >= before, speaks);
        EXPECT_GE(peer.standing.connected, before - 10s);
        EXPECT_EQ(peer.standing.connected <= before - 40ms, !speaks);
        EXPECT_EQ(peer.standing.since, peer.standing.connected);
    }
}

TEST_F(PlacesTest, WhoPipelinesIsNotLeftAloneForWhatIsUnread) {
    for (const bool ahead : {false, true}) {
        Connected& one = connect(Doing::idle);
        places_.remember(one.peer);
        one.peer.standing.verified = false;
        one.peer.standing.ahead = ahead;
        asio::write(one.client, asio::buffer("GET", 3));
        one.peer.stream.socket().wait(tcp::socket::wait_read);
        EXPECT_EQ(places_.make_room(), ahead);
        places_.remove(one.peer);
        connected_.clear();
    }
}

TEST_F(PlacesTest, WhoIsCutCountsNoMoreThoughItIsStillThere) {
    connect(Doing::working);
    Connected& silent = connect(Doing::silent);
    EXPECT_TRUE(places_.is_full());
    ASSERT_TRUE(silent.peer.hold(5000));
    EXPECT_TRUE(places_.make_room());
    EXPECT_TRUE(silent.peer.is_cut());
    EXPECT_FALSE(places_.is_full());
    EXPECT_EQ(places_.taken(), 1U);
    EXPECT_EQ(places_.open(), 2U);
    EXPECT_EQ(budget_->used(), 0U) << "nor does what it held";
    EXPECT_FALSE(places_.make_room()) << "who waits for us is left alone";
    EXPECT_FALSE(places_.next_room());
    places_.remove(silent.peer);
    EXPECT_EQ(places_.taken(), 1U);
    EXPECT_EQ(places_.open(), 1U);
}

TEST_F(PlacesTest, WhereEverybodyHasJustBegunSomethingWhoCameFirstMakesWay) {
    Connected& first = connect(Doing::reading);
    Connected& second = connect(Doing::reading);
    first.peer.standing.connected -= 1s;
    Connected& known = connect(Doing::idle);
    places_.remember(known.peer);  // so all are known: they have one address
    known.peer.standing.connected -= 1h;
    for (Connected* const one : {&second, &first, &known}) one->peer.now(Doing::reading);
    EXPECT_TRUE(places_.make_room());
    EXPECT_TRUE(first.peer.is_cut());
    EXPECT_FALSE(second.peer.is_cut());
    EXPECT_FALSE(known.peer.is_cut()) << "its connection is old, and its request is not";
}

TEST_F(PlacesTest, AnAnswerThatIsNotReadCountsUntilItIsGivenUp) {
    Connected& one = connect(Doing::writing);
    auto share = std::make_shared<MemoryShare>(budget_, MemoryBudget::Use::working);
    ASSERT_TRUE(share->resize(500'000));
    one.peer.hold_answer(share);
    share.reset();
    EXPECT_EQ(budget_->used(), 500'000U);
    const auto now = std::chrono::steady_clock::now();
    EXPECT_GT(places_.most_used(now), 500'000.0);
    places_.give_up_most_used(now);
    EXPECT_TRUE(one.peer.is_cut());
    EXPECT_EQ(budget_->used(), 0U);
}

TEST_F(PlacesTest, NobodyIsCutTwice) {
    connect(Doing::silent);
    EXPECT_TRUE(places_.make_room());
    EXPECT_FALSE(places_.make_room());
    places_.give_up_most_used(std::chrono::steady_clock::now());
    EXPECT_EQ(places_.taken(), 0U);
}

TEST_F(PlacesTest, WhereMemoryIsShortTheGreediestIsCut) {
    Connected& small = connect(Doing::reading);
    Connected& large = connect(Doing::reading);
    ASSERT_TRUE(small.peer.hold(1'000));
    ASSERT_TRUE(large.peer.hold(100'000));
    const auto now = std::chrono::steady_clock::now();
    EXPECT_GT(places_.most_used(now), 100'000.0);
    places_.give_up_most_used(now);
    EXPECT_TRUE(large.peer.is_cut());
    EXPECT_FALSE(small.peer.is_cut());
    EXPECT_LT(places_.most_used(now), 100'000.0);
}

}  // namespace
}  // namespace runs_agent::net
