// SPDX-License-Identifier: MIT
#include "decide/job_pattern.hpp"

#include <algorithm>

namespace runs_agent::decide {

namespace {

constexpr std::string_view matrix = "matrix.";

/// One step of a pattern.
struct Token {
    enum class Kind { character, one, any, value } kind;
    char character = '\0';
    std::string name;  // of a value
    std::size_t name_offset = 0;

    /// Does it take as much as it likes?
    bool stretches() const { return kind == Kind::any || kind == Kind::value; }
};

std::vector<Token> tokens_of(const std::vector<TemplatePiece>& pieces) {
    std::vector<Token> tokens;
    for (const TemplatePiece& piece : pieces) {
        for (const char c : piece.literal)
            tokens.push_back({c == '*'   ? Token::Kind::any
                              : c == '?' ? Token::Kind::one
                                         : Token::Kind::character,
                              c,
                              {},
                              0});
        if (!piece.name.empty())
            tokens.push_back({Token::Kind::value, '\0', piece.name, piece.name_offset});
    }
    return tokens;
}

/// In UTF-8, every byte of a character but its first.
bool continues_character(char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) == 0x80;
}

/// Every way in which a text can be read, as a table: which tokens can end where.
class Readings {
public:
    Readings(const std::vector<Token>& tokens, std::string_view text)
        : tokens_(tokens), text_(text), from_start_(table()), to_end_(table()) {
        from_start_[0][0] = true;
        for (std::size_t i = 0; i < tokens.size(); ++i)
            step_on(tokens[i], from_start_[i], from_start_[i + 1]);
        to_end_[tokens.size()][text.size()] = true;
        for (std::size_t i = tokens.size(); i-- > 0;)
            step_back(tokens[i], to_end_[i + 1], to_end_[i]);
    }

    bool any() const { return to_end_[0][0]; }

    /// What the token at `index` stands for: one text, or two that differ.
    std::vector<std::string> values_of(std::size_t index) const {
        std::vector<std::string> values;
        for (std::size_t start = 0; start < text_.size(); ++start) {
            if (!from_start_[index][start]) continue;
            for (std::size_t end = start + 1; end <= text_.size(); ++end) {
                if (!to_end_[index + 1][end] || !is_boundary(end)) continue;
                const std::string_view value = text_.substr(start, end - start);
                if (!values.empty() && values.front() == value) continue;
                values.emplace_back(value);
                if (values.size() == 2) return values;
            }
        }
        return values;
    }

private:
    using Row = std::vector<bool>;

    std::vector<Row> table() const {
        return std::vector<Row>(tokens_.size() + 1, Row(text_.size() + 1, false));
    }

    /// Does a character end there?
    bool is_boundary(std::size_t at) const {
        return at >= text_.size() || !continues_character(text_[at]);
    }
    std::size_t next_boundary(std::size_t at) const {
        do ++at;
        while (!is_boundary(at));
        return at;
    }

    /// From where a token can begin to where it can end.
    void step_on(const Token& token, const Row& begin, Row& end) const {
        bool reached = false;  // by a token that stretches
        for (std::size_t at = 0; at <= text_.size(); ++at) {
            if (token.kind == Token::Kind::any) reached = reached || begin[at];
            if (token.stretches() && reached && is_boundary(at)) end[at] = true;
            if (token.kind == Token::Kind::value) reached = reached || begin[at];
            if (token.stretches() || !begin[at] || at == text_.size()) continue;
            if (token.kind == Token::Kind::one)
                end[next_boundary(at)] = true;
            else if (text_[at] == token.character)
                end[at + 1] = true;
        }
    }

    /// From where it can end to where it can begin.
    void step_back(const Token& token, const Row& end, Row& begin) const {
        bool reached = false;
        for (std::size_t at = text_.size() + 1; at-- > 0;) {
            const bool ends_here = end[at] && is_boundary(at);
            if (token.kind == Token::Kind::any) reached = reached || ends_here;
            if (token.stretches() && reached) begin[at] = true;
            if (token.kind == Token::Kind::value) reached = reached || ends_here;
            if (token.stretches() || at == text_.size()) continue;
            if (token.kind == Token::Kind::one)
                begin[at] = end[next_boundary(at)];
            else if (text_[at] == token.character)
                begin[at] = end[at + 1];
        }
    }

    const std::vector<Token>& tokens_;
    std::string_view text_;
    std::vector<Row> from_start_;  // [i][at]: the tokens before i can be text[0, at)
    std::vector<Row> to_end_;      // [i][at]: the tokens from i on can be text[at, end)
};

std::string shown(const Token& token) {
    return token.kind == Token::Kind::any ? "*" : "${{ " + token.name + " }}";
}

/// The first value that no text parts from what stretches beside it. A `?` is no text: it does not
/// say where the value ends.
std::optional<TemplateError> check_neighbours(const std::vector<Token>& tokens) {
    const Token* before = nullptr;
    for (const Token& token : tokens) {
        if (token.kind == Token::Kind::character) before = nullptr;
        if (!token.stretches()) continue;
        const bool values = before != nullptr && (before->kind == Token::Kind::value ||
                                                  token.kind == Token::Kind::value);
        if (values) {
            const Token& value = before->kind == Token::Kind::value ? *before : token;
            const Token& other = &value == before ? token : *before;
            return TemplateError{
                value.name_offset,
                "\"" + value.name + "\" stands next to " + shown(other) +
                    ", so that a job's name can be read in two ways; put the text between them"
                    " that parts them in the name, such as \", \" in"
                    " \"e2e (${{ matrix.shard }}, *)\""};
        }
        before = &token;
    }
    return std::nullopt;
}

}  // namespace

bool is_matrix(std::string_view name) {
    return name.starts_with(matrix) && name.size() > matrix.size() &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-.") ==
               std::string_view::npos;
}

std::optional<TemplateError> check_job_pattern(std::string_view text) {
    const auto split = split_template(text);
    if (const auto* wrong = std::get_if<TemplateError>(&split)) return *wrong;
    const auto& pieces = std::get<std::vector<TemplatePiece>>(split);
    for (const TemplatePiece& piece : pieces)
        if (!piece.name.empty() && !is_matrix(piece.name))
            return TemplateError{piece.name_offset,
                                 "\"" + piece.name +
                                     "\" cannot stand in a job's name here; only matrix values"
                                     " can, such as ${{ matrix.shard }}"};
    return check_neighbours(tokens_of(pieces));
}

std::optional<MatrixValues> match_job(std::string_view pattern, std::string_view name) {
    auto split = split_template(pattern);
    const auto* const pieces = std::get_if<std::vector<TemplatePiece>>(&split);
    if (pieces == nullptr) return std::nullopt;
    const std::vector<Token> tokens = tokens_of(*pieces);
    const Readings readings(tokens, name);
    if (!readings.any()) return std::nullopt;
    MatrixValues values;
    for (std::size_t i = 0; i < tokens.size(); ++i)
        if (tokens[i].kind == Token::Kind::value)
            add_values(values[tokens[i].name], readings.values_of(i));
    return values;
}

void add_values(std::vector<std::string>& values, const std::vector<std::string>& more) {
    for (const std::string& value : more)
        if (values.size() < 2 && std::find(values.begin(), values.end(), value) == values.end())
            values.push_back(value);
}

bool is_cut(std::string_view job_name) {
    // At least as many bytes as characters, in whatever unit GitHub counts them.
    constexpr std::size_t longest = 100;
    constexpr std::string_view dots = "...";
    return job_name.size() >= longest &&
           (job_name.ends_with(dots) || job_name.find("... / ") != std::string_view::npos);
}

}  // namespace runs_agent::decide
