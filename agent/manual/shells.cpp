// SPDX-License-Identifier: MIT
#include "agent/manual/shells.hpp"

namespace runs_agent::agent {

namespace {

/// In single quotes, for any of the shells.
std::string quoted(const std::string& text, const char* inner_quote) {
    std::string result = "'";
    for (const char c : text) {
        if (c == '\'')
            result += inner_quote;
        else
            result += c;
    }
    return result + "'";
}

std::string quoted(const std::string& text) {
    return quoted(text, "'\\''");
}

/// The words of a shell's `case`: "'runs'|'runs get'".
std::string paths_of(const CommandTold& program) {
    std::string paths;
    for (const CommandTold* const command : all_of(program))
        if (!command->path.empty()) paths += (paths.empty() ? "" : "|") + quoted(command->name());
    return paths;
}

template <class Wanted>
std::string option_names(const CommandTold& program, Wanted wanted) {
    std::string names;
    for (const CommandTold* const command : all_of(program))
        for (const OptionTold& option : command->options)
            for (const std::string& name : option.names)
                if (wanted(option) &&
                    ("|" + names + "|").find("|" + name + "|") == std::string::npos)
                    names += (names.empty() ? "" : "|") + name;
    return names;
}

bool takes_file(const OptionTold& option) {
    return option.is_file();
}

bool takes_other(const OptionTold& option) {
    return !option.value.empty() && !option.is_file();
}

/// "name:description", as zsh's _describe takes it.
std::string described(const std::string& name, const std::string& description) {
    std::string text;
    for (const char c : name) text += c == ':' ? std::string("\\:") : std::string(1, c);
    return quoted(text + ":" + first_line(description));
}

}  // namespace

std::string bash_completion(const CommandTold& program) {
    std::string text =
        "# Completion of runs-agent for bash; made by `runs-agent completion bash`.\n"
        "_runs_agent() {\n"
        "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
        "    local path='' next i words=''\n"
        "    COMPREPLY=()\n"
        "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
        "        next=\"$path${path:+ }${COMP_WORDS[i]}\"\n"
        "        case $next in\n            " +
        paths_of(program) +
        ") path=$next ;;\n"
        "        esac\n"
        "    done\n"
        "    case $before in\n        " +
        option_names(program, takes_file) +
        ")\n            mapfile -t COMPREPLY < <(compgen -f -- "
        "\"$word\")\n            return\n"
        "            ;;\n        " +
        option_names(program, takes_other) +
        ") return ;;\n"
        "    esac\n"
        "    case $path in\n";
    for (const CommandTold* const command : all_of(program)) {
        text += "        " + quoted(command->name()) + ") words='";
        std::string words;
        for (const CommandTold& below : command->commands) words += " " + below.path.back();
        for (const OptionTold& option : command->options)
            for (const std::string& name : option.names) words += " " + name;
        text += (words.empty() ? words : words.substr(1)) + "' ;;\n";
    }
    return text +
           "    esac\n"
           "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
           "}\n"
           "complete -o default -F _runs_agent runs-agent\n";
}

std::string zsh_completion(const CommandTold& program) {
    std::string text =
        "#compdef runs-agent\n"
        "# Completion of runs-agent for zsh; made by `runs-agent completion zsh`.\n"
        "_runs_agent() {\n"
        "    local command_path= next i\n"
        "    local -a commands options\n"
        "    for ((i = 2; i < CURRENT; i++)); do\n"
        "        next=\"$command_path${command_path:+ }${words[i]}\"\n"
        "        case $next in\n            (" +
        paths_of(program) +
        ") command_path=$next ;;\n"
        "        esac\n"
        "    done\n"
        "    case ${words[CURRENT-1]} in\n        (" +
        option_names(program, takes_file) + ") _files; return ;;\n        (" +
        option_names(program, takes_other) +
        ") _message value; return ;;\n"
        "    esac\n"
        "    case $command_path in\n";
    for (const CommandTold* const command : all_of(program)) {
        text += "        (" + quoted(command->name()) + ")\n            commands=(";
        for (const CommandTold& below : command->commands)
            text += "\n                " + described(below.path.back(), below.description);
        text += ")\n            options=(";
        for (const OptionTold& option : command->options)
            for (const std::string& name : option.names)
                text += "\n                " + described(name, option.description);
        text += ")\n            ;;\n";
    }
    return text +
           "    esac\n"
           "    (( $#commands )) && _describe -t commands command commands\n"
           "    [[ ${words[CURRENT]} == -* ]] && _describe -o -t options option options\n"
           "    (( $#commands )) || [[ ${words[CURRENT]} == -* ]] || _files\n"
           "}\n"
           "compdef _runs_agent runs-agent\n";
}

std::string fish_completion(const CommandTold& program) {
    std::string text =
        "# Completion of runs-agent for fish; made by `runs-agent completion fish`.\n"
        "function __runs_agent_at\n"
        "    set -l path\n"
        "    for word in (commandline -opc)[2..]\n"
        "        set -l next (string join ' ' -- $path $word)\n"
        "        if contains -- $next ";
    for (const CommandTold* const command : all_of(program))
        if (!command->path.empty()) text += quoted(command->name(), "\\'") + " ";
    text +=
        "\n            set path $next\n"
        "        end\n"
        "    end\n"
        "    test \"$path\" = \"$argv[1]\"\n"
        "end\n"
        "complete -c runs-agent -f -n '__runs_agent_at \"\"'\n";
    for (const CommandTold* const command : all_of(program)) {
        const std::string here = "complete -c runs-agent -n " +
                                 quoted("__runs_agent_at \"" + command->name() + "\"", "\\'");
        for (const CommandTold& below : command->commands)
            text += here + " -f -a " + below.path.back() + " -d " +
                    quoted(first_line(below.description), "\\'") + "\n";
        for (const OptionTold& option : command->options) {
            if (option.is_argument()) continue;
            text += here;
            for (const std::string& name : option.names)
                text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
            if (option.is_file())
                text += " -r -F";
            else if (!option.value.empty())
                text += " -x";
            text += " -d " + quoted(first_line(option.description), "\\'") + "\n";
        }
    }
    return text;
}

}  // namespace runs_agent::agent
