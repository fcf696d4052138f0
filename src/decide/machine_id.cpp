#include "decide/machine_id.hpp"

#include "decide/suggestion.hpp"

#include <algorithm>
#include <array>

namespace runs_agent::decide {

namespace {

constexpr std::string_view runner_name = "runner.name";
constexpr std::string_view matrix = "matrix.";

bool is_matrix(std::string_view name) {
    return name.starts_with(matrix) && name.size() > matrix.size() &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-.") ==
               std::string_view::npos;
}

/// The pieces of a text that was checked before.
std::vector<TemplatePiece> pieces_of(std::string_view text) {
    auto pieces = split_template(text);
    if (auto* const good = std::get_if<std::vector<TemplatePiece>>(&pieces))
        return std::move(*good);
    return {};
}

/// One step of a pattern.
struct Token {
    enum class Kind { character, one, any, value } kind;
    char character = '\0';
    std::string name;  // of a value
};

std::vector<Token> tokens_of(std::string_view pattern) {
    std::vector<Token> tokens;
    for (const TemplatePiece& piece : pieces_of(pattern)) {
        for (const char c : piece.literal)
            tokens.push_back({c == '*'   ? Token::Kind::any
                              : c == '?' ? Token::Kind::one
                                         : Token::Kind::character,
                              c,
                              {}});
        if (!piece.name.empty()) tokens.push_back({Token::Kind::value, '\0', piece.name});
    }
    return tokens;
}

/// Matches with steps back, but never tries the same (token, place) twice: a name of a thousand
/// characters costs a thousand steps for each token, whatever it is.
class Matcher {
public:
    Matcher(const std::vector<Token>& tokens, std::string_view text)
        : tokens_(tokens), text_(text), failed_((tokens.size() + 1) * (text.size() + 1), false) {}

    bool match(std::size_t token, std::size_t at) {
        if (token == tokens_.size()) return at == text_.size();
        const std::size_t place = token * (text_.size() + 1) + at;
        if (failed_[place]) return false;
        if (match_token(token, at)) return true;
        failed_[place] = true;
        return false;
    }

    MatrixValues values;

private:
    bool match_token(std::size_t index, std::size_t at) {
        const Token& token = tokens_[index];
        switch (token.kind) {
            case Token::Kind::character:
                return at < text_.size() && text_[at] == token.character &&
                       match(index + 1, at + 1);
            case Token::Kind::one:
                return at < text_.size() && match(index + 1, at + 1);
            case Token::Kind::any:
                return match(index + 1, at) || (at < text_.size() && match(index, at + 1));
            case Token::Kind::value:
                for (std::size_t end = at + 1; end <= text_.size(); ++end)
                    if (match(index + 1, end)) {
                        values.emplace(token.name, text_.substr(at, end - at));
                        return true;
                    }
                return false;
        }
        return false;
    }

    const std::vector<Token>& tokens_;
    std::string_view text_;
    std::vector<bool> failed_;
};

}  // namespace

std::optional<TemplateError> check_machine_id(std::string_view text) {
    const auto pieces = split_template(text);
    if (const auto* wrong = std::get_if<TemplateError>(&pieces)) return *wrong;
    for (const TemplatePiece& piece : std::get<std::vector<TemplatePiece>>(pieces)) {
        if (piece.name.empty() || piece.name == runner_name || is_matrix(piece.name) ||
            value_of(piece.name, WorkflowRun(), 1))
            continue;
        const std::string close = did_you_mean(piece.name, std::array{runner_name});
        return TemplateError{piece.name_offset,
                             close.empty() ? explain_unknown_name(piece.name)
                                           : "\"" + piece.name + "\" is not known here" + close};
    }
    return std::nullopt;
}

std::optional<TemplateError> check_job_pattern(std::string_view text) {
    const auto pieces = split_template(text);
    if (const auto* wrong = std::get_if<TemplateError>(&pieces)) return *wrong;
    for (const TemplatePiece& piece : std::get<std::vector<TemplatePiece>>(pieces))
        if (!piece.name.empty() && !is_matrix(piece.name))
            return TemplateError{piece.name_offset,
                                 "\"" + piece.name +
                                     "\" cannot stand in a job's name here; only matrix values"
                                     " can, such as ${{ matrix.shard }}"};
    return std::nullopt;
}

std::string untold_matrix_value(std::string_view machine_id, const std::vector<std::string>& jobs) {
    for (const TemplatePiece& piece : pieces_of(machine_id)) {
        if (!is_matrix(piece.name)) continue;
        const auto tells = [&piece](const std::string& pattern) {
            const auto inner = pieces_of(pattern);
            return std::any_of(inner.begin(), inner.end(), [&piece](const TemplatePiece& other) {
                return other.name == piece.name;
            });
        };
        if (jobs.empty() || !std::all_of(jobs.begin(), jobs.end(), tells)) return piece.name;
    }
    return {};
}

std::optional<MatrixValues> match_job(std::string_view pattern, std::string_view name) {
    const std::vector<Token> tokens = tokens_of(pattern);
    Matcher matcher(tokens, name);
    if (!matcher.match(0, 0)) return std::nullopt;
    return std::move(matcher.values);
}

std::optional<std::string> machine_id_of(std::string_view machine_id,
                                         const std::vector<std::string>& jobs,
                                         const WorkflowRun& run, const WorkflowJob& job) {
    std::optional<MatrixValues> values;
    if (jobs.empty()) values.emplace();
    for (const std::string& pattern : jobs) {
        values = match_job(pattern, job.name);
        if (values) break;
    }
    if (!values || job.runner_name.empty()) return std::nullopt;
    std::string text;
    for (const TemplatePiece& piece : pieces_of(machine_id)) {
        text += piece.literal;
        if (piece.name == runner_name) {
            text += job.runner_name;
        } else if (const auto value = values->find(piece.name); value != values->end()) {
            text += value->second;
        } else {
            text += value_of(piece.name, run, job.attempt).value_or("");
        }
    }
    if (text.empty()) return std::nullopt;
    return text;
}

}  // namespace runs_agent::decide
