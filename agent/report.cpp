#include "agent/command.hpp"

#include <cstdio>

namespace runs_agent::agent {

namespace {

void print(const std::string& message) {
    std::fprintf(stderr, "runs-agent: %s\n", message.c_str());
}

}  // namespace

int report(const Error& error) {
    print(error.message);
    switch (error.code) {
        case Errc::bad_input:
            return Exit::usage;
        case Errc::not_found:
            return Exit::not_found;
        default:
            return Exit::failed;
    }
}

int report_usage(const std::string& message) {
    print(message);
    return Exit::usage;
}

}  // namespace runs_agent::agent
