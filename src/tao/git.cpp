#include <taohf/base/text.hpp>
#include <taohf/tao/git.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace taohf::tao {

namespace {

constexpr std::size_t k_keep_output = 64u << 20;
constexpr std::chrono::minutes k_timeout{5};

/// Everything git may be asked. None of them talks to a remote.
constexpr std::string_view k_verbs[] = {
    "rev-parse", "symbolic-ref", "status", "switch", "diff", "init", "add", "commit"};

/// Settings that keep hooks, helpers and transports of a foreign repository from running.
std::vector<std::string> guarded(const host::Path& repository, bool init) {
    std::vector<std::string> argv = {"git",
                                     "-C",
                                     repository.string(),
                                     "-c",
                                     "core.hooksPath=/dev/null",
                                     "-c",
                                     "core.fsmonitor=false",
                                     "-c",
                                     "protocol.allow=never",
                                     "-c",
                                     "url.taohf-blocked://.pushInsteadOf=",
                                     "-c",
                                     "commit.gpgSign=false",
                                     "-c",
                                     "core.quotePath=false",
                                     "-c",
                                     "safe.directory=" + repository.string(),
                                     "--no-optional-locks",
                                     "--no-pager",
                                     "--literal-pathspecs"};
    if (!init) // a GIT_DIR of the caller's environment must not point us elsewhere
        argv.insert(
            argv.end(),
            {"--git-dir=" + (repository / ".git").string(), "--work-tree=" + repository.string()});
    return argv;
}

bool valid_branch(const std::string& name) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '/' || c == '-';
    };
    return !name.empty() && name.size() <= 100 && name.front() != '-' && name.front() != '.' &&
           name.front() != '/' && name.back() != '/' && name.back() != '.' &&
           std::all_of(name.begin(), name.end(), allowed) && name.find("..") == std::string::npos &&
           name.find("//") == std::string::npos && !name.ends_with(".lock") && name != "HEAD";
}

std::string first_lines(const std::vector<std::string>& paths) {
    constexpr std::size_t shown = 5;
    std::vector<std::string> some(
        paths.begin(), paths.begin() + static_cast<std::ptrdiff_t>(std::min(shown, paths.size())));
    std::string text = text::join(some, ", ");
    if (paths.size() > shown)
        text += fmt::format(" and {} more", paths.size() - shown);
    return text;
}

} // namespace

Git::Git(host::Host& host, host::Path repository)
    : host_(host), repository_(std::move(repository)) {}

Result<std::string> Git::run(std::vector<std::string> arguments) {
    return run_accepting(std::move(arguments), 0);
}

Result<std::string> Git::run_accepting(std::vector<std::string> arguments, int other_code) {
    if (std::find(std::begin(k_verbs), std::end(k_verbs), arguments.front()) == std::end(k_verbs))
        return fail(ErrorCode::bug, fmt::format("git {} is not allowed", arguments.front()));
    host::ProcessSpec spec;
    spec.argv = guarded(repository_, arguments.front() == "init");
    spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
    spec.environment = {{"GIT_TERMINAL_PROMPT", "0"},
                        {"GIT_ASKPASS", "/bin/false"},
                        {"GIT_CONFIG_NOSYSTEM", "1"},
                        {"GIT_OPTIONAL_LOCKS", "0"},
                        {"GIT_NO_LAZY_FETCH", "1"},
                        {"GIT_ALLOW_PROTOCOL", "none"},
                        {"GIT_EDITOR", "/bin/false"},
                        {"LC_ALL", "C"}};
    if (arguments.front() == "commit") // works without a configured identity, and says who it was
        for (const char* role : {"AUTHOR", "COMMITTER"}) {
            spec.environment.emplace_back(fmt::format("GIT_{}_NAME", role), "taohf");
            spec.environment.emplace_back(fmt::format("GIT_{}_EMAIL", role), "taohf@localhost");
        }
    spec.timeout = k_timeout;
    spec.keep = k_keep_output;
    TAOHF_TRY_ASSIGN(host::ProcessExit exit, host_.processes.run(spec));
    const bool accepted =
        exit.end == host::ProcessEnd::exited && (exit.code == 0 || exit.code == other_code);
    if (!accepted)
        return fail(ErrorCode::repo,
                    fmt::format("git {} failed in {}: {}",
                                arguments.front(),
                                repository_.string(),
                                text::printable(text::trim(exit.err))));
    return std::move(exit.out);
}

Result<std::string> Git::head() {
    TAOHF_TRY_ASSIGN(const std::string out, run({"rev-parse", "--verify", "HEAD"}));
    return std::string(text::trim(out));
}

Result<std::string> Git::branch() {
    // A detached HEAD is exit code 1 with nothing printed.
    TAOHF_TRY_ASSIGN(const std::string out,
                     run_accepting({"symbolic-ref", "--quiet", "--short", "HEAD"}, 1));
    return std::string(text::trim(out));
}

Result<std::vector<std::string>> Git::changes() {
    TAOHF_TRY_ASSIGN(const std::string out,
                     run({"status",
                          "--porcelain=v1",
                          "-z",
                          "--untracked-files=all",
                          "--no-renames",
                          "--ignore-submodules=all"}));
    std::vector<std::string> paths;
    for (const auto& entry : text::split(out, '\0'))
        if (entry.size() > 3)
            paths.push_back(entry.substr(3));
    return paths;
}

Status Git::check_idle() {
    for (const char* mark : {"MERGE_HEAD",
                             "CHERRY_PICK_HEAD",
                             "REVERT_HEAD",
                             "BISECT_LOG",
                             "rebase-merge",
                             "rebase-apply"}) {
        TAOHF_TRY_ASSIGN(const std::string out, run({"rev-parse", "--git-path", mark}));
        host::Path path(std::string(text::trim(out)));
        if (path.is_relative())
            path = repository_ / path;
        if (host_.files.stat(path))
            return fail(
                ErrorCode::repo,
                fmt::format("{} is in the middle of an operation ({})", repository_.string(), mark),
                "finish or abort it, then run again");
    }
    return {};
}

Status Git::checkout_branch(const std::string& name, const std::vector<std::string>& own_paths) {
    if (!valid_branch(name))
        return fail(ErrorCode::usage, fmt::format("'{}' is no branch name", text::printable(name)));
    TAOHF_TRY(check_idle());
    TAOHF_TRY_ASSIGN(const auto changed, changes());
    std::vector<std::string> foreign;
    for (const auto& path : changed)
        if (std::find(own_paths.begin(), own_paths.end(), path) == own_paths.end())
            foreign.push_back(path);
    if (!foreign.empty())
        return fail(ErrorCode::repo,
                    fmt::format("{} has changes that this port did not make: {}",
                                repository_.string(),
                                text::printable(first_lines(foreign))),
                    fmt::format("commit or move them: git -C {} status", repository_.string()));
    TAOHF_TRY_ASSIGN(const std::string current, branch());
    if (current == name)
        return {};
    TAOHF_TRY_ASSIGN(const std::string known,
                     run_accepting({"rev-parse", "--verify", "--quiet", "refs/heads/" + name}, 1));
    if (known.empty() && current.empty()) {
        TAOHF_TRY_ASSIGN(const std::string commit, head());
        return fail(ErrorCode::repo,
                    fmt::format("{} has a detached HEAD at {}", repository_.string(), commit),
                    "check out the branch that the port shall start from");
    }
    auto switched = known.empty() ? run({"switch", "--no-guess", "--create", name})
                                  : run({"switch", "--no-guess", name});
    return switched.map([](const auto&) {});
}

Result<std::string> Git::diff() {
    const std::vector<std::string> options = {
        "diff", "--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=all"};
    auto arguments = options;
    arguments.insert(arguments.end(), {"HEAD", "--"});
    TAOHF_TRY_ASSIGN(std::string text, run(arguments));
    TAOHF_TRY_ASSIGN(const std::string untracked,
                     run({"status",
                          "--porcelain=v1",
                          "-z",
                          "--untracked-files=all",
                          "--no-renames",
                          "--ignore-submodules=all"}));
    for (const auto& entry : text::split(untracked, '\0')) {
        if (!entry.starts_with("?? "))
            continue;
        arguments = options;
        arguments.insert(arguments.end(), {"--no-index", "--", "/dev/null", entry.substr(3)});
        // --no-index tells "they differ" by exit code 1
        TAOHF_TRY_ASSIGN(const std::string piece, run_accepting(arguments, 1));
        text += piece;
    }
    return text;
}

Status Git::initialise(const std::string& message) {
    TAOHF_TRY(run({"init", "--quiet", "--initial-branch=main"}));
    TAOHF_TRY(run({"add", "--all", "--force"}));
    return run({"commit", "--quiet", "--no-verify", "--message=" + message}).map([](const auto&) {
    });
}

} // namespace taohf::tao
