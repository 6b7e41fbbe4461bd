#include <taohf/base/diagnostics.hpp>
#include <taohf/base/error.hpp>

namespace taohf {

std::string error_class(ErrorCode code) {
    switch (code) {
    case ErrorCode::verdict:
        return "VERDICT";
    case ErrorCode::usage:
        return "USAGE";
    case ErrorCode::changes:
        return "CHANGES";
    case ErrorCode::input:
        return "INPUT";
    case ErrorCode::state:
        return "STATE";
    case ErrorCode::lock:
        return "LOCK";
    case ErrorCode::env:
        return "ENV";
    case ErrorCode::auth:
        return "AUTH";
    case ErrorCode::net:
        return "NET";
    case ErrorCode::storage:
        return "STORAGE";
    case ErrorCode::step:
        return "STEP";
    case ErrorCode::repo:
        return "REPO";
    case ErrorCode::policy:
        return "POLICY";
    case ErrorCode::needs_input:
        return "NEEDS_INPUT";
    case ErrorCode::timeout:
        return "TIMEOUT";
    case ErrorCode::spec:
        return "SPEC";
    case ErrorCode::blocked:
        return "BLOCKED";
    case ErrorCode::bug:
        return "BUG";
    case ErrorCode::interrupted:
        return "SIGNAL";
    }
    return "BUG";
}

int exit_code(const Error& error) {
    if (error.code == ErrorCode::interrupted && error.signal > 0)
        return 128 + error.signal;
    return static_cast<int>(error.code);
}

namespace {

std::string place(const Span& span) {
    std::string text = span.file;
    if (span.line > 0)
        text += ":" + std::to_string(span.line);
    if (span.line > 0 && span.column > 0)
        text += ":" + std::to_string(span.column);
    return text;
}

} // namespace

std::string format_error(const Error& error) {
    std::string text = error.span ? place(*error.span) + ": " : "";
    text += error.message;
    for (const std::string& line : error.context)
        text += "\n  " + line;
    if (!error.kept.empty())
        text += "\n  kept: " + error.kept;
    if (!error.next.empty())
        text += "\n  next: " + error.next;
    return text;
}

void Diagnostics::report(Diagnostic diagnostic) {
    found_.push_back(std::move(diagnostic));
}

void Diagnostics::error(Span span, std::string text, std::string hint) {
    report({Severity::error, std::move(span), std::move(text), std::move(hint)});
}

bool Diagnostics::has_errors() const {
    for (const Diagnostic& diagnostic : found_)
        if (diagnostic.severity == Severity::error)
            return true;
    return false;
}

namespace {

std::string lines_of(const std::vector<Diagnostic>& found, const char* error_word) {
    std::string text;
    for (const Diagnostic& diagnostic : found) {
        text += text.empty() ? "" : "\n";
        text += diagnostic.span.file.empty() ? "" : place(diagnostic.span) + ": ";
        text += diagnostic.severity == Severity::error ? error_word : "warning: ";
        text += diagnostic.text + (diagnostic.hint.empty() ? "" : " (" + diagnostic.hint + ")");
    }
    return text;
}

} // namespace

std::string Diagnostics::format() const {
    return lines_of(found_, "error: ");
}

Error Diagnostics::to_error(ErrorCode code) const {
    Error error;
    error.code = code;
    error.message = lines_of(found_, "");
    return error;
}

} // namespace taohf
