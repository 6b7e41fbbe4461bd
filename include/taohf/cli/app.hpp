#pragma once

#include <taohf/base/error.hpp>
#include <taohf/cli/options.hpp>

#include <string>
#include <variant>
#include <vector>

namespace taohf::cli {

/// Help or version text that was asked for: printed to standard output, exit code 0.
struct Answer {
    std::string text;
};

/// Parses the command line. USAGE error with the parser's message and the command's usage line.
Result<std::variant<Options, Answer>> parse(const std::vector<std::string>& arguments);

/// For `taohf completion bash|zsh|fish`: commands with their options, from the same table.
std::string completion(const std::string& shell);

/// The program: parses, runs the command, prints errors, returns the exit code.
int run(const std::vector<std::string>& arguments);

} // namespace taohf::cli
