// SPDX-License-Identifier: MIT
#include "config/yaml_reader.hpp"

#include "decide/suggestion.hpp"
#include "observe/printable.hpp"

#include <array>
#include <charconv>
#include <set>

namespace runs_agent::config {

namespace {

/// yaml-cpp marks a quoted scalar with the tag "!".
bool is_quoted(const YAML::Node& node) {
    return node.Tag() == "!";
}

std::string in_quotes(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

std::string kind_of(const YAML::Node& node) {
    if (node.IsMap()) return "a map";
    if (node.IsSequence()) return "a list";
    if (node.IsNull()) return "nothing";
    return in_quotes(node.Scalar());
}

struct Unit {
    std::string_view name;
    std::chrono::milliseconds length;
};
constexpr std::array units{Unit{"s", std::chrono::seconds(1)}, Unit{"m", std::chrono::minutes(1)},
                           Unit{"h", std::chrono::hours(1)}};

}  // namespace

std::string listed(std::span<const std::string_view> names) {
    std::string text;
    for (const std::string_view name : names) {
        if (!text.empty()) text += ", ";
        text += name;
    }
    return text;
}

void YamlReader::complain(const YAML::Mark& mark, const std::string& what) {
    mistakes_.push_back(printable(file_ + ":" + std::to_string(mark.line + 1) + ":" +
                                  std::to_string(mark.column + 1) + ": " + what));
}

void YamlReader::complain(const YAML::Node& node, const std::string& what, std::size_t offset) {
    YAML::Mark mark = node.Mark();
    // yaml-cpp places a missing value where it noticed, perhaps behind the end of the file: its
    // key, or that of its list, is a better place.
    for (const Missing& missing : missing_)
        if (node.is(missing.value)) mark = missing.key;
    mark.column += static_cast<int>(offset) + (offset > 0 && is_quoted(node) ? 1 : 0);
    complain(mark, what);
}

bool YamlReader::check_map(const YAML::Node& node, std::string_view name,
                           std::span<const std::string_view> keys) {
    if (!node.IsMap()) {
        complain(node, std::string(name) + " must be a map, but is " + kind_of(node) +
                           "; its keys are " + listed(keys));
        return false;
    }
    std::set<std::string> seen;
    for (const auto& entry : node) {
        if (!entry.first.IsScalar()) {
            complain(entry.first, "a key must be a text");
            continue;
        }
        const std::string& key = entry.first.Scalar();
        if (entry.second.IsNull()) missing_.push_back({entry.second, entry.first.Mark()});
        if (entry.second.IsSequence())
            for (const auto& item : entry.second)
                if (item.IsNull()) missing_.push_back({item, entry.first.Mark()});
        if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
            const std::string close = decide::did_you_mean(key, keys);
            complain(entry.first, "unknown key " + in_quotes(key) + " in " + std::string(name) +
                                      (close.empty() ? "; known are " + listed(keys) : close));
        } else if (!seen.insert(key).second) {
            complain(entry.first,
                     "the key " + in_quotes(key) + " is there twice; keep one of them");
        }
    }
    return true;
}

void YamlReader::read(const YAML::Node& node, std::string_view name, bool& value) {
    if (!node.IsDefined()) return;
    if (node.IsScalar() && !is_quoted(node) && node.Scalar() == "true") {
        value = true;
    } else if (node.IsScalar() && !is_quoted(node) && node.Scalar() == "false") {
        value = false;
    } else {
        complain(node, std::string(name) + " must be true or false, but is " + kind_of(node));
    }
}

void YamlReader::read(const YAML::Node& node, std::string_view name, std::string& value) {
    if (!node.IsDefined()) return;
    if (node.IsScalar() && !node.Scalar().empty()) {
        value = node.Scalar();
    } else {
        complain(node, std::string(name) + " must be a text, but is " + kind_of(node));
    }
}

void YamlReader::read(const YAML::Node& node, std::string_view name,
                      std::vector<std::string>& value) {
    if (!node.IsDefined()) return;
    if (!node.IsScalar() && !node.IsSequence()) {
        complain(node, std::string(name) + " must be a list of texts, but is " + kind_of(node));
        return;
    }
    std::vector<std::string> texts;
    if (node.IsScalar()) {
        texts.emplace_back();
        read(node, name, texts.back());
    }
    if (node.IsSequence()) {
        for (const auto& item : node) {
            texts.emplace_back();
            read(item, "each entry of " + std::string(name), texts.back());
        }
    }
    value = std::move(texts);
}

void YamlReader::read(const YAML::Node& node, std::string_view name,
                      std::chrono::milliseconds& value, std::string_view or_else) {
    if (!node.IsDefined()) return;
    const std::string text = node.IsScalar() ? node.Scalar() : "";
    int count = 0;
    const auto [rest, failed] = std::from_chars(text.data(), text.data() + text.size(), count);
    const std::string_view unit(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
    constexpr int most = 100'000;  // of any unit; more is a slip of the hand
    for (const Unit& known : units) {
        if (failed != std::errc() || known.name != unit || count < 0 || count > most) continue;
        value = count * known.length;
        return;
    }
    complain(node, std::string(name) + " must be a duration such as 90s, 2m or 1h" +
                       std::string(or_else) + ", but is " + kind_of(node));
}

}  // namespace runs_agent::config
