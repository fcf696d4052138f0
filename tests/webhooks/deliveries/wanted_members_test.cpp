// SPDX-License-Identifier: MIT
// What is read in passing says the same as the whole document: the same facts, the same refusals.
#include "webhooks/deliveries/wanted_members.hpp"

#include "tests/webhooks/example_request.hpp"
#include "webhooks/deliveries/payload.hpp"
#include "webhooks/deliveries/skimming.hpp"

#include <gtest/gtest.h>
#include <rapidjson/error/en.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <random>

namespace runs_agent::webhooks {
namespace {

using rapidjson::Value;

std::string written(const Value& value) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    value.Accept(writer);
    return {buffer.GetString(), buffer.GetSize()};
}

/// Without the members that are not wanted, wherever they are.
void prune(Value& value) {
    if (value.IsArray())
        for (Value& element : value.GetArray()) prune(element);
    if (!value.IsObject()) return;
    for (auto member = value.MemberBegin(); member != value.MemberEnd();) {
        const std::string_view name(member->name.GetString(), member->name.GetStringLength());
        if (is_wanted(name))
            prune((member++)->value);
        else
            member = value.EraseMember(member);
    }
}

constexpr unsigned flags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;

/// What is wanted of the text, cut out of the whole; or where it is broken, and how.
std::string from_the_whole(const std::string& text) {
    rapidjson::Document document;
    document.Parse<flags>(text.data(), text.size());
    if (document.HasParseError())
        return std::string(rapidjson::GetParseError_En(document.GetParseError())) + " At byte " +
               std::to_string(document.GetErrorOffset()) + ".";
    prune(document);
    return written(document);
}

std::string in_passing(const std::string& text) {
    rapidjson::Document document;
    rapidjson::Reader reader;
    const auto read = [&](rapidjson::Document& to) {
        WantedMembers wanted(to);
        rapidjson::StringStream stream(text.c_str());
        return !reader.Parse<flags>(stream, wanted).IsError();
    };
    document.Populate(read);
    if (reader.HasParseError())
        return std::string(rapidjson::GetParseError_En(reader.GetParseErrorCode())) + " At byte " +
               std::to_string(reader.GetErrorOffset()) + ".";
    return written(document);
}

constexpr const char* in_doubt = "in doubt";

std::string skimmed(const std::string& text) {
    rapidjson::Document document;
    return skim(text, document) ? written(document) : in_doubt;
}

/// What Payload says of it, which skims, and parses in place where that is in doubt.
std::string refusal_of(const std::string& text) {
    const auto payload = Payload::parse(text);
    return payload.has_error() ? payload.error().message : "";
}

TEST(WantedMembers, LeavesOutWhatNobodyAsksForAndAllThatItHolds) {
    const std::pair<const char*, const char*> cases[] = {
        {R"({"action":"x","other":1})", R"({"action":"x"})"},
        {R"({"other":{"action":"x","id":[{"id":1}]},"id":2})", R"({"id":2})"},
        {R"({"other":[{"id":1},[[]],{}],"id":[{"other":1,"number":2},null,true]})",
         R"({"id":[{"number":2},null,true]})"},
        {R"({"other":null,"a":true,"b":1,"c":-1,"d":1.5,"e":9223372036854775808,"id":-5000000000})",
         R"({"id":-5000000000})"},
        {R"({"id":1,"id":2})", R"({"id":1,"id":2})"},
        {"[]", "[]"},
        {"null", "null"},
        {R"(["other"])", R"(["other"])"},
    };
    for (const auto& [text, wanted] : cases) {
        EXPECT_EQ(in_passing(text), wanted) << text;
        EXPECT_EQ(from_the_whole(text), wanted) << text;
    }
}

TEST(WantedMembers, AreSkimmedWhereNothingIsRare) {
    const std::pair<const char*, const char*> cases[] = {
        {R"( { "action" : "x" , "other" : [ 1 , -2.5 , "\u00e9\n\"" , { } , [ ] ] } )",
         R"({"action":"x"})"},
        {R"({"other":{"id":1},"id":-20,"number":0,"path":[true,false,null,{"id":"ä"}]})",
         R"({"id":-20,"number":0,"path":[true,false,null,{"id":"ä"}]})"},
        {R"({"id":999999999999999999})", R"({"id":999999999999999999})"},
        {"{}", "{}"},
    };
    for (const auto& [text, wanted] : cases) {
        EXPECT_EQ(skimmed(text), wanted) << text;
        EXPECT_EQ(from_the_whole(text), wanted) << text;
    }
    EXPECT_EQ(skimmed(example_payload()), from_the_whole(example_payload()));
}

TEST(WantedMembers, AreLeftToTheWholeParserWhereAnythingIs) {
    const std::string deep(1'000'000, '[');
    const std::pair<std::string, const char*> cases[] = {
        {R"({"action":"a\nb"})", R"({"action":"a\nb"})"},
        {R"({"acti\u006fn":"x"})", R"({"action":"x"})"},
        {R"({"id":1.5})", R"({"id":1.5})"},
        {R"({"id":1e2})", R"({"id":100.0})"},
        {R"({"id":18446744073709551615})", R"({"id":18446744073709551615})"},
        {R"({"other":1e2})", "{}"},
        {R"({"other":"\ud83d\ude00"})", "{}"},
        {R"({"other":)" + std::string(60, '[') + std::string(60, ']') + "}", "{}"},
        {"[]", "[]"},
        {R"({"other":"\ud800"})", nullptr},
        {R"({"other":"\u12"})", nullptr},
        {R"({"other":"\x"})", nullptr},
        {"{\"other\":\"\x80\"}", nullptr},
        {"{\"other\":\"\xed\xa0\x80\"}", nullptr},
        {"{\"other\":\"\xc0\x80\"}", nullptr},
        {"{\"other\":\"\xf4\x90\x80\x80\"}", nullptr},
        {"{\"other\":\"\t\"}", nullptr},
        {R"({"other":01})", nullptr},
        {R"({"other":-})", nullptr},
        {R"({"other":1.})", nullptr},
        {R"({"other":nul})", nullptr},
        {R"({"other":1,})", nullptr},
        {R"({"other" 1})", nullptr},
        {R"({"other":[1 2]})", nullptr},
        {R"({"other":"x)", nullptr},
        {R"({"id":1}x)", nullptr},
        {R"({"other":)" + deep, nullptr},
        {"", nullptr},
    };
    for (const auto& [text, wanted] : cases) {
        EXPECT_EQ(skimmed(text), in_doubt) << text.substr(0, 80);
        const std::string whole = from_the_whole(text);
        if (wanted != nullptr)
            EXPECT_EQ(whole, wanted) << text.substr(0, 80);
        else
            EXPECT_NE(whole.find(" At byte "), std::string::npos) << text.substr(0, 80);
    }
}

TEST(WantedMembers, WhateverComesSaysTheSameAsTheWholeDocument) {
    const std::string example = example_payload();
    const std::string bits = "{}[]\",:\\0 1-e.nut\x1f\x80\xc3\xff";
    std::mt19937 random(15);  // NOLINT(cert-msc32-c,cert-msc51-cpp) - the same on every machine
    const auto below = [&random](std::size_t count) { return random() % count; };
    int broken = 0;
    int in_passing_alone = 0;
    for (int round = 0; round < 4000; ++round) {
        std::string text = example;
        for (std::size_t changes = 1 + below(3); changes > 0; --changes) {
            const std::size_t at = below(text.size());
            switch (below(4)) {
                case 0:
                    text[at] = bits[below(bits.size())];
                    break;
                case 1:
                    text.insert(at, 1, bits[below(bits.size())]);
                    break;
                case 2:
                    text.erase(at, 1 + below(20));
                    break;
                default:
                    text.insert(at, text.substr(below(text.size()), below(40)));
                    break;
            }
        }
        const std::string whole = from_the_whole(text);
        ASSERT_EQ(in_passing(text), whole) << text;
        const std::string quick = skimmed(text);
        if (quick != in_doubt) {
            ++in_passing_alone;
            ASSERT_EQ(quick, whole) << text;
        }
        const std::string refusal = refusal_of(text);
        const bool is_broken = whole.find(" At byte ") != std::string::npos;
        ASSERT_EQ(!refusal.empty(), is_broken || whole.front() != '{') << refusal << text;
        if (is_broken) {
            ++broken;
            ASSERT_NE(refusal.find(whole), std::string::npos) << refusal << " | " << whole;
        }
    }
    EXPECT_GT(broken, 1000);
    EXPECT_LT(broken, 3900);
    EXPECT_GT(in_passing_alone, 100);
}

}  // namespace
}  // namespace runs_agent::webhooks
