// SPDX-License-Identifier: MIT
// Of a payload, a few dozen members are ever read, and hundreds are there. For .cpp files, since it
// brings RapidJSON along.
#pragma once

#include <rapidjson/document.h>

#include <cstddef>
#include <string_view>
#include <vector>

namespace runs_agent::webhooks {

/// Is a member of that name read of any event?
bool is_wanted(std::string_view name);

/// Takes what a parser says (RapidJSON's Handler), and passes on what is wanted: a member whose
/// name is not is left out with all that it holds. The whole text is still parsed, so that a fault
/// anywhere is found.
class WantedMembers {
public:
    explicit WantedMembers(rapidjson::Document& document) : document_(document) {}

    using Size = rapidjson::SizeType;
    // RapidJSON asks for these names.
    // NOLINTBEGIN(readability-identifier-naming)
    bool Null() { return is_left_out() || document_.Null(); }
    bool Bool(bool value) { return is_left_out() || document_.Bool(value); }
    bool Int(int value) { return is_left_out() || document_.Int(value); }
    bool Uint(unsigned value) { return is_left_out() || document_.Uint(value); }
    bool Int64(std::int64_t value) { return is_left_out() || document_.Int64(value); }
    bool Uint64(std::uint64_t value) { return is_left_out() || document_.Uint64(value); }
    bool Double(double value) { return is_left_out() || document_.Double(value); }
    bool RawNumber(const char* text, Size size, bool copy) {
        return is_left_out() || document_.RawNumber(text, size, copy);
    }
    bool String(const char* text, Size size, bool copy) {
        return is_left_out() || document_.String(text, size, copy);
    }
    bool Key(const char* text, Size size, bool copy);
    bool StartObject();
    bool EndObject(Size members);
    bool StartArray() { return is_opened_in_vain() || document_.StartArray(); }
    bool EndArray(Size elements) { return is_closed_in_vain() || document_.EndArray(elements); }
    // NOLINTEND(readability-identifier-naming)

private:
    bool is_left_out();
    bool is_opened_in_vain();
    bool is_closed_in_vain();

    rapidjson::Document& document_;
    std::vector<Size> kept_;   // members of each object that is open and wanted
    std::size_t open_ = 0;     // brackets of what is left out
    bool leave_next_ = false;  // the value that comes belongs to a name that is not wanted
};

}  // namespace runs_agent::webhooks
