#include "agent/action/request.hpp"

#include "agent/action/addresses.hpp"

#include <charconv>

namespace runs_agent::agent::action {

namespace {

Error wrong(std::string message) {
    return fail(Errc::bad_input, std::move(message));
}

Result<Command> read_command(const std::string& text) {
    if (text.empty() || text == "cancel") return Command::cancel;
    if (text == "reset") return Command::reset;
    if (text == "find") return Command::find;
    if (text == "supersede")
        return wrong(
            "command: supersede is not there yet in this version, since it needs GitHub's REST "
            "API; "
            "nothing was done. Use cancel, reset or find");
    return wrong("there is no command \"" + text + "\"; use cancel, reset or find");
}

Result<bool> read_switch(const std::string& text, bool usual) {
    // YAML 1.2's core schema, as GitHub's own toolkit reads it.
    if (text.empty()) return usual;
    if (text == "true" || text == "True" || text == "TRUE") return true;
    if (text == "false" || text == "False" || text == "FALSE") return false;
    return wrong("pw-last-run is \"" + text + "\"; it must be true or false");
}

Result<std::int64_t> read_attempt(const std::string& text) {
    std::int64_t number = 1;  // Gitea's runners do not always tell it
    if (text.empty()) return number;
    const char* const end = text.data() + text.size();
    const auto [rest, failure] = std::from_chars(text.data(), end, number);
    if (failure != std::errc() || rest != end || number < 1 || number > 1'000'000)
        return wrong("github-run-attempt is \"" + text +
                     "\"; it must be a number from 1, as github.run_attempt gives it");
    return number;
}

/// Reads settings one after the other; the first error is kept.
class Reader {
public:
    explicit Reader(const Inputs& inputs) : inputs_(inputs) {}

    std::string input(std::string_view name) { return keep(inputs_.input(name)); }
    std::string either(std::string_view name, const std::string& variable) {
        return keep(inputs_.either(name, variable));
    }
    template <class T>
    T keep(Result<T> value) {
        if (value.has_value()) return std::move(*value);
        if (!error_) error_ = value.error();
        return T();
    }
    const std::optional<Error>& error() const { return error_; }
    const Inputs& inputs() const { return inputs_; }

private:
    const Inputs& inputs_;
    std::optional<Error> error_;
};

/// Which attempt's run is meant. A search on a re-run is for what the attempt before left behind.
Attempt attempt_meant(const Request& request) {
    Attempt meant = request.attempt;
    if (request.command == Command::find && meant.number > 1) --meant.number;
    return meant;
}

void read_build_id(Reader& reader, Request& request) {
    // The official action that finds failed tests calls it by the second name.
    std::string given = reader.input("ci-build-id");
    if (given.empty() && request.command == Command::find)
        given = reader.input("previous-ci-build-id");
    const Attempt meant = attempt_meant(request);
    if (!given.empty()) {
        request.ci_build_id =
            reader.keep(render_build_id(given, "ci-build-id", reader.inputs(), meant));
        return;
    }
    // What is searched by branch or tags was given for this step; the variable is the job's.
    if (!request.branch.empty() || !request.tags.empty()) return;
    const std::string variable = reader.keep(reader.inputs().variable("CURRENTS_CI_BUILD_ID"));
    if (variable.empty()) return;
    request.ci_build_id =
        reader.keep(render_build_id(variable, "CURRENTS_CI_BUILD_ID", reader.inputs(), meant));
    if (request.command == Command::find)
        request.ci_build_id = of_previous_attempt(std::move(request.ci_build_id), request.attempt);
}

void read_addresses(Reader& reader, Request& request) {
    request.api_url = reader.keep(api_url(reader.either("api-url", "CURRENTS_API_URL")));
    if (reader.error()) return;
    request.director_url = reader.keep(director_url(reader.input("director-url"), request.api_url));
}

/// True where the record key came as an input, which beats a key of the job's environment.
bool read_keys(Reader& reader, Request& request) {
    std::string token = reader.input("api-token");
    if (token.empty()) token = reader.input("api-key");
    request.record_key = reader.input("record-key");
    const bool record_key_given = !request.record_key.empty();
    // A job may export its record key for the reporters; a token for this step goes before it.
    if (!record_key_given && token.empty())
        request.record_key = reader.keep(reader.inputs().variable("CURRENTS_RECORD_KEY"));
    if (token.empty()) token = reader.keep(reader.inputs().variable("CURRENTS_API_KEY"));
    request.api_key = std::move(token);
    return record_key_given;
}

/// The default build id, for what can be found by nothing else.
Result<void> guess_build_id(const Inputs& inputs, Request& request) {
    auto made = render_build_id(default_build_id(), "the default ci-build-id", inputs,
                                attempt_meant(request));
    if (made.has_error())
        return wrong("nothing says which run is meant; set run-id or ci-build-id (" +
                     made.error().message + ")");
    request.ci_build_id = std::move(*made);
    request.guessed_build_id = true;
    return {};
}

Result<void> complete_cancel(const Inputs& inputs, Request& request, bool record_key_given) {
    const bool named = !request.run_id.empty() || !request.ci_build_id.empty();
    const bool record_key_does =
        !request.record_key.empty() && !request.project_id.empty() && named;
    if (!(record_key_given && record_key_does) && !request.api_key.empty()) {
        request.route = request.run_id.empty() ? Route::github_run : Route::run_id;
        if (request.route == Route::github_run && request.attempt.github_run_id.empty())
            return wrong(
                "nothing says which run is meant; set run-id, or github-run-id (GITHUB_RUN_ID)");
        return {};
    }
    if (request.record_key.empty())
        return wrong(
            "there is no key; set api-token (CURRENTS_API_KEY), or record-key "
            "(CURRENTS_RECORD_KEY) with project-id and ci-build-id");
    request.route = Route::record_key;
    if (request.project_id.empty())
        return wrong("a record key needs the project; set project-id (CURRENTS_PROJECT_ID)");
    if (!named) return guess_build_id(inputs, request);
    return {};
}

Result<void> complete_search(const Inputs& inputs, Request& request) {
    const std::string command(to_string(request.command));
    if (request.api_key.empty())
        return wrong("command: " + command +
                     " needs an API key, a record key does not do; set api-token "
                     "(CURRENTS_API_KEY)");
    if (request.command == Command::reset && !request.run_id.empty()) return {};
    if (request.project_id.empty())
        return wrong("command: " + command +
                     " finds the run in its project; set project-id (CURRENTS_PROJECT_ID)");
    if (!request.ci_build_id.empty() || !request.branch.empty() || !request.tags.empty()) return {};
    return guess_build_id(inputs, request);
}

void read_search(Reader& reader, Request& request) {
    request.branch = reader.input("branch");
    request.tags = split_list(reader.input("tag"));
    request.pw_last_run = reader.keep(read_switch(reader.input("pw-last-run"), true));
    request.output = reader.input("output");
    const std::string folder = reader.input("pw-output-dir");
    if (request.output.empty())
        request.output = (folder.empty() ? "test-results" : folder) + "/.last-run.json";
    if (!reader.input("run-id").empty())
        reader.keep<bool>(wrong("command: find takes no run-id; use ci-build-id, branch or tag"));
}

}  // namespace

Result<Request> read_request(const Inputs& inputs) {
    Reader reader(inputs);
    Request request;
    request.command = reader.keep(read_command(reader.input("command")));
    if (reader.error()) return *reader.error();
    read_addresses(reader, request);
    const bool record_key_given = read_keys(reader, request);
    request.project_id = reader.either("project-id", "CURRENTS_PROJECT_ID");
    request.attempt.github_run_id = reader.either("github-run-id", "GITHUB_RUN_ID");
    request.attempt.number =
        reader.keep(read_attempt(reader.either("github-run-attempt", "GITHUB_RUN_ATTEMPT")));
    if (request.command == Command::find)
        read_search(reader, request);
    else
        request.run_id = reader.either("run-id", "CURRENTS_RUN_ID");
    if (request.command == Command::reset)
        request.machine_ids = split_list(reader.input("machine-id"));
    if (reader.error()) return *reader.error();
    read_build_id(reader, request);
    if (reader.error()) return *reader.error();

    const auto complete = request.command == Command::cancel
                              ? complete_cancel(inputs, request, record_key_given)
                              : complete_search(inputs, request);
    if (complete.has_error()) return complete.error();
    return request;
}

}  // namespace runs_agent::agent::action
