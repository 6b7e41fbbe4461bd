#pragma once

#include <taohf/base/error.hpp>

#include <string>
#include <vector>

namespace taohf {

enum class Severity { error, warning };

/// One finding with a place; readers report all of them instead of stopping at the first.
struct Diagnostic {
    Severity severity = Severity::error;
    Span span;
    std::string text;
    std::string hint; ///< "did you mean 'needs'?"; may be empty
};

/// Collects findings. A function takes Diagnostics& or returns Result, never both.
class Diagnostics final {
public:
    void report(Diagnostic diagnostic);
    void error(Span span, std::string text, std::string hint = {});

    bool has_errors() const;

    const std::vector<Diagnostic>& all() const { return found_; }

    /// One line each: `file:line:col: error: text (hint)`.
    std::string format() const;

    /// All findings as one error of class SPEC (or the given one): `file:line:col: text (hint)`
    /// each, since who prints it says "error" already.
    Error to_error(ErrorCode code = ErrorCode::spec) const;

private:
    std::vector<Diagnostic> found_;
};

} // namespace taohf
