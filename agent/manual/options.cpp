// SPDX-License-Identifier: MIT
#include "agent/manual/options.hpp"

#include <CLI/CLI.hpp>

namespace runs_agent::agent {

namespace {

OptionTold read_option(const CLI::Option& option) {
    OptionTold told;
    for (const std::string& name : option.get_snames()) told.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) told.names.push_back("--" + name);
    const bool takes = option.get_items_expected_max() > 0;
    told.value = takes ? option.get_type_name() : "";
    if (told.is_argument() && !option.get_name(true).empty()) {
        // What a person sees of an argument is its type, or else its name.
        if (told.value.empty() || told.value == "TEXT") told.value = option.get_name(true);
    }
    told.description = option.get_description();
    told.required = option.get_required();
    return told;
}

CommandTold read_command(const CLI::App& app, std::vector<std::string> path) {
    CommandTold told;
    told.description = app.get_description();
    told.footer = app.get_footer();
    for (const CLI::Option* const option : app.get_options())
        if (!option->get_group().empty()) told.options.push_back(read_option(*option));
    for (const CLI::App* const below : app.get_subcommands([](const CLI::App*) { return true; })) {
        std::vector<std::string> further = path;
        further.push_back(below->get_name());
        told.commands.push_back(read_command(*below, std::move(further)));
    }
    told.path = std::move(path);
    return told;
}

void add_all(const CommandTold& command, std::vector<const CommandTold*>& all) {
    all.push_back(&command);
    for (const CommandTold& below : command.commands) add_all(below, all);
}

}  // namespace

bool OptionTold::is_file() const {
    if (value == "FILE" || value == "PATH" || value == "DIR") return true;
    for (const std::string& name : names)
        if (name == "--config" || name == "--event" || name == "--output") return true;
    return false;
}

std::string CommandTold::name() const {
    std::string name;
    for (const std::string& part : path) name += (name.empty() ? "" : " ") + part;
    return name;
}

CommandTold read_commands(const CLI::App& program) {
    return read_command(program, {});
}

std::vector<const CommandTold*> all_of(const CommandTold& command) {
    std::vector<const CommandTold*> all;
    add_all(command, all);
    return all;
}

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

}  // namespace runs_agent::agent
