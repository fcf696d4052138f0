// SPDX-License-Identifier: MIT
#include "observe/metrics.hpp"

namespace runs_agent {

namespace {

// ---- label values, each list in the order of its enumeration ------------------------------------

constexpr const char* events[] = {"workflow_run", "workflow_job", "ping", "other", "unverified"};

constexpr const char* answers[] = {
    R"(outcome="accepted",code="202")",   R"(outcome="ignored",code="202")",
    R"(outcome="duplicate",code="200")",  R"(outcome="pong",code="200")",
    R"(outcome="not_stored",code="503")", R"(outcome="refused",code="400")",
    R"(outcome="unsigned",code="401")",   R"(outcome="refused",code="401")",
    R"(outcome="refused",code="405")",    R"(outcome="refused",code="408")",
    R"(outcome="refused",code="413")",    R"(outcome="refused",code="415")",
    R"(outcome="refused",code="431")",    R"(outcome="refused",code="503")",
    R"(outcome="refused",code="other")",
};

/// Only what was verified has an event.
bool can_be_answered(std::size_t event, std::size_t answer) {
    using Event = Metrics::Event;
    using Answer = Metrics::Answer;
    const bool verified = static_cast<Event>(event) != Event::unverified;
    switch (static_cast<Answer>(answer)) {
        case Answer::accepted:
            return static_cast<Event>(event) == Event::workflow_run ||
                   static_cast<Event>(event) == Event::workflow_job;
        case Answer::pong:
            return static_cast<Event>(event) == Event::ping;
        case Answer::ignored:
        case Answer::duplicate:
        case Answer::not_stored:
        case Answer::media_type:
            return verified;
        case Answer::malformed:  // either before or after its signature was looked at
            return true;
        default:
            return !verified;
    }
}

constexpr const char* cut_reasons[] = {"place", "last_resort", "memory"};
constexpr const char* sources[] = {"webhook", "catch_up"};
constexpr const char* hands[] = {"page", "api", "command_line"};
constexpr const char* rules[] = {"R1", "R2", "R3", "R4", "R5", "R6"};
constexpr const char* effects[] = {"planned", "withdrawn", "nothing"};
constexpr const char* operations[] = {"cancel-ci", "cancel-run", "reset-run", "cancel-workflow",
                                      "force-cancel-workflow"};
constexpr const char* endings[] = {"succeeded", "dead"};
constexpr const char* services[] = {"runs_api", "github"};
constexpr const char* requests[] = {
    R"(service="runs_api",operation="cancel-ci")",
    R"(service="runs_api",operation="cancel-run")",
    R"(service="runs_api",operation="reset-run")",
    R"(service="runs_api",operation="find-run")",
    R"(service="runs_api",operation="get-run")",
    R"(service="runs_api",operation="list-runs")",
    R"(service="runs_api",operation="other")",
    R"(service="github",operation="cancel-workflow")",
    R"(service="github",operation="force-cancel-workflow")",
    R"(service="github",operation="get-workflow-run")",
    R"(service="github",operation="list-workflow-runs")",
    R"(service="github",operation="get-workflow")",
    R"(service="github",operation="get-repository")",
    R"(service="github",operation="list-deliveries")",
    R"(service="github",operation="get-delivery")",
    R"(service="github",operation="authorize")",
    R"(service="github",operation="other")",
};
/// Those that say something of their own, and of the others the class.
constexpr const char* codes[] = {"2xx", "3xx", "401", "403", "404", "429", "4xx", "5xx", "none"};
constexpr const char* rounds[] = {"whole", "cut_short", "failed"};

// ---- buckets ------------------------------------------------------------------------------------

/// Seconds. GitHub gives up at 10.
constexpr double answer_seconds[] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                     0.25,  0.5,    1,     2.5,  5,     7.5,  10};
/// Bytes. A workflow_run has some 10 to 30 KB, and 25 MiB is the most.
constexpr double body_bytes[] = {4096, 16384, 65536, 262144, 1048576, 4194304, 26214400};
/// Seconds, from one to three days: as far back as GitHub's log goes.
constexpr double age_seconds[] = {1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 43200, 259200};
/// Seconds: a call is retried for a day.
constexpr double end_to_end_seconds[] = {0.1, 0.25, 0.5, 1,    2.5,  5,     10,
                                         30,  60,   300, 1800, 7200, 43200, 86400};
constexpr double request_seconds[] = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
constexpr double commit_seconds[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                     0.1,    0.25,  0.5,    1,     2.5,  5,     10};
constexpr double commit_jobs_bounds[] = {1, 2, 4, 8, 16, 32, 64, 128, 256};

}  // namespace

Metrics::Metrics()
    : webhook_requests("runs_agent_webhook_requests_total",
                       "Requests to the webhook, by its event and what was answered.",
                       {{"event", events}, {"", answers}}, can_be_answered),
      webhook_request_duration(
          "runs_agent_webhook_request_duration_seconds",
          "From a delivery's last byte to its answer; GitHub gives up after 10 seconds in all.",
          answer_seconds),
      webhook_request_body("runs_agent_webhook_request_body_bytes",
                           "Bodies of requests that brought what could be a signature.",
                           body_bytes),
      connections_cut("runs_agent_webhook_connections_cut_total",
                      "Connections of the webhook listener that were ended in favour of others.",
                      {{"reason", cut_reasons}}),
      handshakes_failed("runs_agent_webhook_tls_handshakes_failed_total",
                        "Handshakes of the webhook listener that failed; the log says why."),
      event_age("runs_agent_event_age_seconds",
                "How old what GitHub told of was when it was stored, by the way it came.",
                age_seconds, {{"source", sources}}),
      decisions("runs_agent_decisions_total",
                "Decided deliveries, by the rule that fired and what followed.",
                {{"rule", rules}, {"effect", effects}}),
      decision_lag("runs_agent_decision_lag_seconds", "From a delivery's receipt to its decision.",
                   answer_seconds),
      calls_finished("runs_agent_calls_finished_total",
                     "Planned calls that ended, by the state they ended in.",
                     {{"operation", operations}, {"state", endings}}),
      end_to_end("runs_agent_end_to_end_seconds",
                 "From a delivery's receipt to the success of a call that it planned.",
                 end_to_end_seconds, {{"operation", operations}}),
      http_requests("runs_agent_http_client_requests_total",
                    "Requests to others, by what was asked and answered; none: no answer came.",
                    {{"", requests}, {"code", codes}}),
      http_duration("runs_agent_http_client_request_duration_seconds",
                    "From a request to others to the end of its answer, or to its failure.",
                    request_seconds, {{"service", services}}),
      catch_up_rounds("runs_agent_catch_up_rounds_total",
                      "Rounds of catching up with missed webhooks, by how far they came.",
                      {{"result", rounds}}),
      catch_up_deliveries("runs_agent_catch_up_deliveries_total",
                          "Missed deliveries that catching up found and stored."),
      catch_up_lost("runs_agent_catch_up_lost_total",
                    "Missed deliveries that can be had no more; the log names them."),
      replays("runs_agent_replays_total",
              "Deliveries that people replayed, by the way they did it; whoever did, each process"
              " that shares the store counts them.",
              {{"source", hands}}),
      commit_duration("runs_agent_store_commit_duration_seconds",
                      "How long a transaction of the store took, until it was on disk.",
                      commit_seconds),
      commit_jobs("runs_agent_store_commit_jobs", "How many writes shared a transaction.",
                  commit_jobs_bounds) {}

Metrics::Event Metrics::event_of(std::string_view name) {
    if (name == "workflow_run") return Event::workflow_run;
    if (name == "workflow_job") return Event::workflow_job;
    return name == "ping" ? Event::ping : Event::other;
}

Metrics::Answer Metrics::refusal_of(int status) {
    switch (status) {
        case 400:
            return Answer::malformed;
        case 401:
            return Answer::wrong_signature;
        case 405:
            return Answer::method;
        case 408:
            return Answer::too_slow;
        case 413:
            return Answer::too_large;
        case 415:
            return Answer::media_type;
        case 431:
            return Answer::head_too_large;
        case 503:
            return Answer::busy;
        default:
            return Answer::other;
    }
}

Metrics::Code Metrics::code_of(int status) {
    switch (status) {
        case 401:
            return Code::unauthorized;
        case 403:
            return Code::forbidden;
        case 404:
            return Code::not_found;
        case 429:
            return Code::limited;
        default:
            break;
    }
    if (status < 100) return Code::none;
    if (status < 300) return Code::ok;
    if (status < 400) return Code::moved;
    return status < 500 ? Code::refused : Code::failed;
}

std::string Metrics::text() const {
    std::string text;
    for (const Counters* family :
         {&webhook_requests, &connections_cut, &handshakes_failed, &decisions, &calls_finished,
          &http_requests, &catch_up_rounds, &catch_up_deliveries, &catch_up_lost, &replays})
        family->write(text);
    for (const Histogram* family :
         {&webhook_request_duration, &webhook_request_body, &event_age, &decision_lag, &end_to_end,
          &http_duration, &commit_duration, &commit_jobs})
        family->write(text);
    write_gauge(text, "runs_agent_last_delivery_timestamp_seconds",
                "When the newest delivery that was verified came; 0: none ever did.",
                in_seconds(last_delivery));
    write_gauge(text, "runs_agent_last_wrong_signature_timestamp_seconds",
                "When a signature fitted none of the secrets for the last time; 0: never did.",
                in_seconds(last_wrong_signature));
    write_gauge(text, "runs_agent_config_last_reload_successful",
                "Whether the last reading of the configuration succeeded, at the start or later.",
                reload_succeeded ? 1 : 0);
    write_gauge(text, "runs_agent_config_last_reload_success_timestamp_seconds",
                "When the configuration in force was read.", in_seconds(last_reload));
    write_gauge(text, "runs_agent_tls_certificate_not_after_timestamp_seconds",
                "Until when the listeners' certificate is valid; 0: they speak plain HTTP.",
                in_seconds(certificate_end));
    write_gauge(text, "runs_agent_github_rate_limit_limit",
                "Requests a window of GitHub's API has, of the budget that is nearest to its end; "
                "0: none was asked yet.",
                github_limit);
    write_gauge(text, "runs_agent_github_rate_limit_remaining",
                "Requests of that budget that are left.", github_remaining);
    write_gauge(text, "runs_agent_github_rate_limit_reset_timestamp_seconds",
                "When that budget is whole again.", in_seconds(github_reset));
    return text;
}

}  // namespace runs_agent
