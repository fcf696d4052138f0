// SPDX-License-Identifier: MIT
#include "net/client/trust_store.hpp"

#include "tests/temp_dir.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace runs_agent::net {
namespace {

class TrustStoreTest : public testing::Test {
protected:
    TrustStoreTest() {
        places_.file = folder_.file("own.pem");
        places_.folder = folder_.file("own");
        places_.bundles = {folder_.file("first.pem"), folder_.file("second.pem")};
    }
    static void fill(const std::string& file) { std::ofstream(file) << "a certificate\n"; }

    tests::TempDir folder_;
    TrustPlaces places_;
};

TEST_F(TrustStoreTest, TheFirstBundleThereIs) {
    EXPECT_EQ(other_bundle(places_), "");
    fill(places_.bundles[1]);
    EXPECT_EQ(other_bundle(places_), places_.bundles[1]);
    fill(places_.bundles[0]);
    EXPECT_EQ(other_bundle(places_), places_.bundles[0]);
}

TEST_F(TrustStoreTest, NoneWhereOpensslFindsItsOwnFile) {
    fill(places_.bundles[0]);
    fill(places_.file);
    EXPECT_EQ(other_bundle(places_), "");
}

TEST_F(TrustStoreTest, NoneWhereOpensslFindsItsOwnFolder) {
    fill(places_.bundles[0]);
    std::filesystem::create_directory(places_.folder);
    EXPECT_EQ(other_bundle(places_), places_.bundles[0]) << "an empty folder trusts nobody";
    fill(places_.folder + "/5ed36f99.0");
    EXPECT_EQ(other_bundle(places_), "");
}

TEST_F(TrustStoreTest, EmptyBundlesAndFoldersAreNone) {
    std::ofstream(places_.file).flush();
    std::ofstream(places_.bundles[0]).flush();
    EXPECT_EQ(other_bundle(places_), "");
    std::filesystem::create_directory(folder_.file("folder.pem"));
    places_.bundles.insert(places_.bundles.begin(), folder_.file("folder.pem"));
    fill(places_.bundles[2]);
    EXPECT_EQ(other_bundle(places_), places_.bundles[2]);
}

TEST(TrustStore, KnowsWhereDistributionsKeepTheirs) {
    const TrustPlaces places = trust_places();
    EXPECT_FALSE(places.file.empty());
    EXPECT_FALSE(places.folder.empty());
    for (const std::string& bundle : places.bundles)
        EXPECT_TRUE(std::filesystem::path(bundle).is_absolute()) << bundle;
    EXPECT_FALSE(places.bundles.empty());
}

}  // namespace
}  // namespace runs_agent::net
