// SPDX-License-Identifier: MIT
// Reads YAML strictly: each value is checked for its type where it is read, and each mistake is
// kept with its place, so that a user sees all of them at once.
#pragma once

#include <yaml-cpp/yaml.h>

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runs_agent::config {

/// "a, b, c", for a mistake's cure.
std::string listed(std::span<const std::string_view> names);

class YamlReader {
public:
    explicit YamlReader(std::string file) : file_(std::move(file)) {}

    /// Notes a mistake at the node's place, `offset` characters into it.
    void complain(const YAML::Node& node, const std::string& what, std::size_t offset = 0);
    void complain(const YAML::Mark& mark, const std::string& what);

    /// Checks that the node is a map of known keys, each once. False where it is no map at all.
    bool check_map(const YAML::Node& node, std::string_view name,
                   std::span<const std::string_view> keys);

    // Each reads the node into `value` where it is right, and complains where it is not. A node
    // that is not there leaves the value as it is.
    void read(const YAML::Node& node, std::string_view name, bool& value);
    void read(const YAML::Node& node, std::string_view name, std::string& value);
    /// A list of texts, or one text alone.
    void read(const YAML::Node& node, std::string_view name, std::vector<std::string>& value);
    /// A duration such as 90s, 2m or 1h. `or_else` names what else is taken, for the complaint.
    void read(const YAML::Node& node, std::string_view name, std::chrono::milliseconds& value,
              std::string_view or_else = {});

    const std::vector<std::string>& mistakes() const { return mistakes_; }

private:
    struct Missing {
        YAML::Node value;  // of a key, or an entry of its list
        YAML::Mark key;
    };

    std::string file_;
    std::vector<Missing> missing_;
    std::vector<std::string> mistakes_;
};

}  // namespace runs_agent::config
