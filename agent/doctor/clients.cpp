// SPDX-License-Identifier: MIT
#include "agent/doctor/clients.hpp"

#include "agent/cli/client_setup.hpp"
#include "agent/doctor/asking.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace runs_agent::agent {

net::ClientOptions patient_for_a_look(net::ClientOptions options) {
    options.connect_timeout = look_bound;
    options.handshake_timeout = look_bound;
    options.answer_timeout = look_bound;
    return options;
}

Clients::Clients(const boost::asio::any_io_executor& executor, net::ClientOptions options,
                 const Clock& clock, const config::Configuration& configuration)
    : http_(executor, patient_for_a_look(std::move(options))),
      watched_(http_, clock, configuration.github.api_url),
      api_(watched_, clock, configuration.api_url, configuration.api_key,
           runs_api::AnswerLimits::careful()),
      credentials_(make_credentials(watched_, clock, configuration.github)),
      github_(watched_, clock, configuration.github.api_url, *credentials_),
      standing_(watched_, clock, configuration.github.api_url, *credentials_) {}

}  // namespace runs_agent::agent
