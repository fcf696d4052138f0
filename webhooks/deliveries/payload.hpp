// SPDX-License-Identifier: MIT
// From a webhook's JSON payload to the facts that decisions need. Payloads are read tolerantly:
// public examples contradict themselves, Gitea and Forgejo leave fields out, and new values appear.
// Source: docs.github.com, "Webhook events and payloads".
#pragma once

#include "base/error.hpp"
#include "decide/facts.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace runs_agent::webhooks {

/// A payload, parsed once.
class Payload {
public:
    /// Errc::bad_input where the text is not a JSON object in UTF-8.
    static Result<Payload> parse(std::string text);

    Payload(Payload&&) noexcept;
    Payload& operator=(Payload&&) noexcept;
    ~Payload();

    /// `action`; empty where the event has none.
    std::string action() const;
    /// `repository.full_name`; empty for an organisation's events.
    std::string repository() const;
    /// `organization.login`; empty where it is about none.
    std::string organization() const;
    bool has(std::string_view name) const;

    /// The text as it was given; nothing else may be asked of it afterwards.
    std::string take_text() &&;

    /// The facts of a workflow_run event. `host` is the GitHub it came from ("github.com", or
    /// X-GitHub-Enterprise-Host). Errc::bad_input where it lacks what nothing can be decided
    /// without: the run's id and the repository's name.
    Result<decide::WorkflowRun> workflow_run(std::string host) const;

    /// The facts of a workflow_job event, likewise.
    Result<decide::WorkflowJob> workflow_job(std::string host) const;

private:
    struct Content;
    explicit Payload(std::unique_ptr<Content> content);

    std::unique_ptr<Content> content_;
};

}  // namespace runs_agent::webhooks
