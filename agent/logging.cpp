#include "agent/logging.hpp"

#include <unistd.h>

namespace runs_agent::agent {

Log make_log(const config::Configuration& configuration, const Clock& clock) {
    const LogFormat usual = ::isatty(STDERR_FILENO) == 1 ? LogFormat::text : LogFormat::json;
    return {clock, configuration.log_level, configuration.log_format.value_or(usual),
            STDERR_FILENO};
}

}  // namespace runs_agent::agent
