#include "python_tokens.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace taohf::tao {

namespace {

bool is_name_char(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_string_prefix(std::string_view name) {
    return name.size() <= 2 && std::all_of(name.begin(), name.end(), [](char c) {
               return std::string_view("rRbBuUfF").find(c) != std::string_view::npos;
           });
}

class Lexer final {
public:
    Lexer(std::string_view source, const std::string& file) : source_(source), file_(file) {}

    Result<std::vector<Token>> run() {
        while (at_ < source_.size()) {
            const char c = source_[at_];
            if (c == '#')
                comment();
            else if (c == '"' || c == '\'') {
                TAOHF_TRY(string(at_));
            } else if (is_name_char(c)) {
                TAOHF_TRY(name());
            } else {
                if (!std::isspace(static_cast<unsigned char>(c)) && c != '\\')
                    add(TokenKind::symbol, at_, at_ + 1);
                ++at_;
            }
        }
        return std::move(tokens_);
    }

private:
    void add(TokenKind kind, std::size_t begin, std::size_t end) {
        tokens_.push_back({kind, begin, end, std::string(source_.substr(begin, end - begin)), 0});
    }

    void comment() {
        const auto end = std::min(source_.find_first_of("\r\n", at_), source_.size());
        add(TokenKind::comment, at_, end);
        at_ = end;
    }

    Status name() {
        const std::size_t begin = at_;
        while (at_ < source_.size() && is_name_char(source_[at_]))
            ++at_;
        const auto text = source_.substr(begin, at_ - begin);
        if (at_ < source_.size() && (source_[at_] == '"' || source_[at_] == '\'') &&
            is_string_prefix(text))
            return string(begin);
        add(TokenKind::name, begin, at_);
        return {};
    }

    /// at_ is at the first quote; `begin` at the prefix.
    Status string(std::size_t begin) {
        const char quote = source_[at_];
        const std::string three(3, quote);
        const bool triple = source_.substr(at_, 3) == three;
        at_ += triple ? 3 : 1;
        Token token{TokenKind::string, begin, 0, {}, quote};
        while (at_ < source_.size()) {
            if (triple ? source_.substr(at_, 3) == three : source_[at_] == quote) {
                at_ += triple ? 3 : 1;
                token.end = at_;
                tokens_.push_back(std::move(token));
                return {};
            }
            if (!triple && source_[at_] == '\n')
                break;
            if (source_[at_] == '\\' && at_ + 1 < source_.size())
                token.value += source_[at_++]; // an escape is never the closing quote
            token.value += source_[at_++];
        }
        return fail(ErrorCode::repo, fmt::format("{}: a string has no end", file_));
    }

    std::string_view source_;
    std::string file_;
    std::size_t at_ = 0;
    std::vector<Token> tokens_;
};

} // namespace

Result<std::vector<Token>> python_tokens(std::string_view source, const std::string& file) {
    return Lexer(source, file).run();
}

} // namespace taohf::tao
