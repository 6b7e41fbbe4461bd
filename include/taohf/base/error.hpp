#pragma once

#include <tl/expected.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace taohf {

/// The class of a failure; the value is the program's exit code (docs/exit-codes.md).
enum class ErrorCode : int {
    verdict = 1,      ///< the work ran to its end and the answer is no
    usage = 2,        ///< unknown flag, bad value, bad short name
    changes = 3,      ///< `plan --detailed-exitcode`: something would run
    input = 10,       ///< untrusted data rejected: model file, config, artefact
    state = 11,       ///< state missing, corrupt, newer or foreign
    lock = 12,        ///< another run holds the lock
    env = 13,         ///< host not ready: docker, GPU runtime, git, missing program
    auth = 14,        ///< hub or registry refuses the credentials, gated model
    net = 15,         ///< timeout, TLS, DNS, 5xx, 429, offline and not cached
    storage = 16,     ///< no space, read-only file system, I/O error
    step = 17,        ///< a step reached no verdict: crash, OOM, vanished container
    repo = 18,        ///< working tree or branch not usable, user edits in conflict
    policy = 19,      ///< refused: remote code, symlink out of the tree, secret
    needs_input = 20, ///< a question without an answer in headless mode
    timeout = 21,     ///< taohf's own limit
    spec = 22,        ///< phase file, task file or template invalid
    blocked = 23,     ///< a needed phase has not passed
    bug = 70,         ///< a broken promise inside taohf
    interrupted = 130 ///< ended by a signal; Error::signal tells which
};

/// Where in a text something stands; line and column count from 1, 0 means unknown.
struct Span {
    std::string file;
    int line = 0;
    int column = 0;
};

/// A failure told in four parts: what, why (context), what was kept, what to type next.
struct Error {
    ErrorCode code = ErrorCode::bug;
    std::string message;              ///< what failed and why, one sentence, naming the object
    std::optional<Span> span;         ///< place in a file, when there is one
    std::vector<std::string> context; ///< innermost first: "while rendering step trainer"
    std::string kept;                 ///< what is untouched or saved; may be empty
    std::string next;                 ///< one command or instruction; may be empty
    int signal = 0;                   ///< the signal behind ErrorCode::interrupted
    bool transient = false;           ///< the same attempt may succeed a moment later
};

template <class T> using Result = tl::expected<T, Error>;
using Status = Result<void>;

/// Short form for the usual return: `return fail(ErrorCode::input, "…", "taohf inspect …");`
inline tl::unexpected<Error> fail(ErrorCode code, std::string message, std::string next = {}) {
    Error error;
    error.code = code;
    error.message = std::move(message);
    error.next = std::move(next);
    return tl::unexpected<Error>(std::move(error));
}

/// The word scripts see in JSON: "VERDICT", "USAGE", ...
std::string error_class(ErrorCode code);

/// Exit code of the process: the code itself, or 128 + signal.
int exit_code(const Error& error);

/// `file:line:col: message`, context lines, `kept:` and `next:` lines, without a final newline.
std::string format_error(const Error& error);

} // namespace taohf

/// The only macros of the project: leave the function with the error of a fallible expression.
#define TAOHF_CONCAT_(a, b) a##b
#define TAOHF_CONCAT(a, b) TAOHF_CONCAT_(a, b)
#define TAOHF_TRY(expression)                                                                      \
    do {                                                                                           \
        auto taohf_status_ = (expression);                                                         \
        if (!taohf_status_)                                                                        \
            return tl::unexpected<::taohf::Error>(std::move(taohf_status_.error()));               \
    } while (false)
#define TAOHF_TRY_ASSIGN_(temporary, declaration, expression)                                      \
    auto temporary = (expression);                                                                 \
    if (!temporary)                                                                                \
        return tl::unexpected<::taohf::Error>(std::move(temporary.error()));                       \
    declaration = std::move(*temporary)
#define TAOHF_TRY_ASSIGN(declaration, expression)                                                  \
    TAOHF_TRY_ASSIGN_(TAOHF_CONCAT(taohf_result_, __LINE__), declaration, expression)
