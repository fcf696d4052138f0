// SPDX-License-Identifier: MIT
// Settings as configuration.cpp reads them: one after the other, and what is wrong with each is
// kept.
#pragma once

#include "base/error.hpp"
#include "config/configuration.hpp"
#include "config/environment.hpp"
#include "observe/printable.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace runs_agent::config {

using Text = std::optional<std::string>;

/// Reads settings one after the other and keeps their mistakes, so that the reading itself stays
/// flat and `config check` can tell them all.
class Source {
public:
    explicit Source(const Environment& environment) : environment_(environment) {}

    /// The flag where given, else the variable, else nothing.
    Text get(const Text& flag, const std::string& variable) {
        read_last_ = variable;
        if (flag) return flag;
        auto value = environment_.get(variable);
        if (value.has_error()) {
            note(value.error());
            return std::nullopt;
        }
        return *value;
    }
    Text get(const std::string& variable) { return get(std::nullopt, variable); }
    bool has(const std::string& variable) const { return environment_.has(variable); }

    /// What is noted from now on is about this setting.
    void about(const std::string& variable) { read_last_ = variable; }
    /// One mistake, of the setting that was read last; its line is its own whatever values it
    /// repeats.
    void note(Error error) {
        error.message = printable(error.message);
        note_list(std::move(error));
    }
    /// Several, a line each.
    void note_list(Error error) {
        mistakes_.push_back({read_last_, error.message});
        if (!error_) {
            error_ = std::move(error);
        } else if (("\n" + error_->message + "\n").find("\n" + error.message + "\n") ==
                   std::string::npos) {
            error_->message += "\n" + error.message;
        }
    }
    /// One line for each mistake.
    const std::optional<Error>& error() const { return error_; }
    const std::vector<Mistake>& mistakes() const { return mistakes_; }

private:
    const Environment& environment_;
    std::string read_last_;
    std::vector<Mistake> mistakes_;
    std::optional<Error> error_;
};

}  // namespace runs_agent::config
