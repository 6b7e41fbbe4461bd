#pragma once

#include <taohf/base/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace taohf::tao {

enum class TokenKind { name, string, symbol, comment };

struct Token {
    TokenKind kind = TokenKind::symbol;
    std::size_t begin = 0; ///< byte range in the source
    std::size_t end = 0;
    std::string value; ///< name, symbol, or the text of a string without quotes and escapes
    char quote = 0;    ///< of a string
};

/// Enough of Python's lexer to find strings, brackets and comments: no indentation, no numbers.
/// REPO error for a string that does not end.
Result<std::vector<Token>> python_tokens(std::string_view source, const std::string& file);

} // namespace taohf::tao
