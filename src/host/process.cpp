#include <taohf/host/process.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace taohf::host {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t k_max_line = 64u << 10;

class Descriptor final {
public:
    Descriptor() = default;

    explicit Descriptor(int value) : value_(value) {}

    ~Descriptor() { reset(); }

    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int get() const { return value_; }

    bool open() const { return value_ >= 0; }

    void reset(int value = -1) {
        if (value_ >= 0)
            ::close(value_);
        value_ = value;
    }

private:
    int value_ = -1;
};

struct Pipe {
    Descriptor read;
    Descriptor write;

    bool make() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0)
            return false;
        read.reset(ends[0]);
        write.reset(ends[1]);
        return true;
    }
};

/// Splits a stream into lines and keeps its last bytes.
class Stream final {
public:
    Stream(bool is_error, std::size_t keep, const LineSink& sink)
        : is_error_(is_error), keep_(keep), sink_(sink) {}

    void take(std::string_view bytes) {
        kept_.append(bytes);
        if (kept_.size() > 2 * keep_)
            kept_.erase(0, kept_.size() - keep_);
        if (!sink_)
            return;
        for (const char c : bytes) {
            if (c == '\n' || c == '\r')
                flush(c == '\n' && !after_return_); // "\r\n" ends one line
            else if (line_.size() < k_max_line)
                line_ += c;
            after_return_ = c == '\r';
        }
    }

    void flush(bool even_if_empty) {
        if (sink_ && (even_if_empty || !line_.empty()))
            sink_(line_, is_error_);
        line_.clear();
    }

    std::string kept() {
        if (kept_.size() > keep_)
            kept_.erase(0, kept_.size() - keep_);
        return std::move(kept_);
    }

private:
    bool is_error_;
    std::size_t keep_;
    const LineSink& sink_;
    bool after_return_ = false;
    std::string line_;
    std::string kept_;
};

std::vector<std::string> environment_of(const ProcessSpec& spec) {
    std::vector<std::string> variables;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const bool replaced = std::ranges::any_of(
            spec.environment, [&](const auto& pair) { return text.starts_with(pair.first + "="); });
        if (!replaced)
            variables.emplace_back(text);
    }
    for (const auto& [name, value] : spec.environment)
        variables.push_back(std::string(name).append("=").append(value));
    return variables;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (std::string& text : texts)
        result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

/// Owns what posix_spawn is told about the child.
class SpawnPlan final {
public:
    SpawnPlan(const ProcessSpec& spec, const Pipe& in, const Pipe& out, const Pipe& err) {
        posix_spawn_file_actions_init(&actions);
        posix_spawnattr_init(&attributes);
        if (!spec.inherit_terminal) {
            posix_spawn_file_actions_adddup2(&actions, in.read.get(), STDIN_FILENO);
            posix_spawn_file_actions_adddup2(&actions, out.write.get(), STDOUT_FILENO);
            posix_spawn_file_actions_adddup2(&actions, err.write.get(), STDERR_FILENO);
        }
        posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
        if (!spec.working_directory.empty())
            posix_spawn_file_actions_addchdir_np(&actions, spec.working_directory.c_str());
        sigset_t all;
        sigfillset(&all);
        sigset_t none;
        sigemptyset(&none);
        posix_spawnattr_setsigdefault(&attributes, &all);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setpgroup(&attributes, 0);
        // A program on our terminal stays in our group: only the foreground group may read it.
        const int group = spec.inherit_terminal ? 0 : POSIX_SPAWN_SETPGROUP;
        posix_spawnattr_setflags(
            &attributes,
            static_cast<short>(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | group));
    }

    ~SpawnPlan() {
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&actions);
    }

    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;

    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
};

tl::unexpected<Error> not_started(const ProcessSpec& spec, int number) {
    const std::string& folder = spec.working_directory;
    std::error_code ignored;
    if (!folder.empty() && !std::filesystem::is_directory(folder, ignored))
        return fail(ErrorCode::env,
                    "cannot start '" + spec.argv[0] + "' in '" + folder + "': no such folder");
    return fail(ErrorCode::env,
                "cannot start '" + spec.argv[0] + "': " + std::strerror(number),
                number == ENOENT ? "install " + spec.argv[0] : "");
}

Result<pid_t> spawn(const ProcessSpec& spec, const Pipe& in, const Pipe& out, const Pipe& err) {
    const SpawnPlan plan(spec, in, out, err);
    std::vector<std::string> argv = spec.argv;
    std::vector<std::string> variables = environment_of(spec);
    pid_t child = -1;
    const int number = posix_spawnp(&child,
                                    argv[0].c_str(),
                                    &plan.actions,
                                    &plan.attributes,
                                    pointers(argv).data(),
                                    pointers(variables).data());
    if (number != 0)
        return not_started(spec, number);
    return child;
}

/// One running child: reads both streams, feeds the input, watches time and stop requests.
class Watch final {
public:
    Watch(const ProcessSpec& spec, const LineSink& sink, std::stop_token stop, pid_t child)
        : spec_(spec), out_(false, spec.keep, sink), err_(true, spec.keep, sink),
          stop_(std::move(stop)), child_(child), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
          exit_(static_cast<int>(::syscall(SYS_pidfd_open, child, 0))) {}

    ProcessExit run(Pipe& in, Pipe& out, Pipe& err) {
        const std::stop_callback on_stop(stop_, [this] {
            const std::uint64_t one = 1;
            (void)!::write(wake_.get(), &one, sizeof one);
        });
        ::fcntl(in.write.get(), F_SETFL, O_NONBLOCK);
        int quiet_rounds = 0;
        while (!is_over(out, err, quiet_rounds)) {
            std::array<pollfd, 5> watched{pollfd{out.read.get(), POLLIN, 0},
                                          pollfd{err.read.get(), POLLIN, 0},
                                          pollfd{pending_input() ? in.write.get() : -1, POLLOUT, 0},
                                          pollfd{status_ ? -1 : exit_.get(), POLLIN, 0},
                                          pollfd{wake_.get(), POLLIN, 0}};
            ::poll(watched.data(), watched.size(), next_wait());
            drain(watched[0], out.read, out_);
            drain(watched[1], err.read, err_);
            feed(watched[2], in.write);
            clear_wake();
            reap();
            enforce();
            if (status_ && !(watched[0].revents & POLLIN) && !(watched[1].revents & POLLIN))
                ++quiet_rounds;
        }
        return result();
    }

private:
    enum class Ending { none, asked, killed };

    bool pending_input() const { return written_ < spec_.input.size(); }

    /// The child has ended and its streams too. A grandchild in the background may hold the streams
    /// open: it is waited for only when the whole group is to end.
    bool is_over(const Pipe& out, const Pipe& err, int quiet_rounds) const {
        if (!status_ || (ending_ == Ending::asked && group_lives()))
            return false;
        return quiet_rounds > 1 || (!out.read.open() && !err.read.open());
    }

    /// Whether anybody is left in the group after its leader was reaped.
    bool group_lives() const { return !spec_.inherit_terminal && ::killpg(child_, 0) == 0; }

    int next_wait() const {
        constexpr long long k_longest = 1000;
        constexpr int k_without_event = 20;
        if (status_ || !exit_.open())
            return k_without_event;
        long long left = k_longest;
        const auto until = ending_ == Ending::asked ? std::optional(kill_at_) : deadline();
        if (until)
            left = std::chrono::duration_cast<std::chrono::milliseconds>(*until - Clock::now())
                       .count() +
                   1;
        return static_cast<int>(std::clamp(left, 1LL, k_longest));
    }

    std::optional<Clock::time_point> deadline() const {
        return spec_.timeout && ending_ == Ending::none ? std::optional(start_ + *spec_.timeout)
                                                        : std::nullopt;
    }

    static void drain(const pollfd& ready, Descriptor& source, Stream& stream) {
        if (!source.open() || ready.revents == 0)
            return;
        char buffer[1 << 14];
        const ssize_t got = ::read(source.get(), buffer, sizeof buffer);
        if (got > 0)
            stream.take({buffer, static_cast<std::size_t>(got)});
        else if (got == 0 || (errno != EINTR && errno != EAGAIN))
            source.reset();
    }

    void feed(const pollfd& ready, Descriptor& target) {
        if (!target.open() || (pending_input() && ready.revents == 0))
            return;
        if (pending_input()) {
            const ssize_t sent =
                ::write(target.get(), spec_.input.data() + written_, spec_.input.size() - written_);
            if (sent >= 0)
                written_ += static_cast<std::size_t>(sent);
            else if (errno != EAGAIN && errno != EINTR)
                written_ = spec_.input.size(); // the child does not read on
        }
        if (!pending_input())
            target.reset();
    }

    void clear_wake() {
        std::uint64_t count = 0;
        (void)!::read(wake_.get(), &count, sizeof count);
    }

    void reap() {
        int status = 0;
        if (!status_ && ::waitpid(child_, &status, WNOHANG) == child_)
            status_ = status;
    }

    void enforce() {
        const auto now = Clock::now();
        if (ending_ == Ending::none && !status_) {
            const auto until = deadline();
            if (!stop_.stop_requested() && (!until || now < *until))
                return;
            end_ = stop_.stop_requested() ? ProcessEnd::cancelled : ProcessEnd::timed_out;
            signal_group(SIGTERM);
            ending_ = Ending::asked;
            kill_at_ = now + spec_.grace;
        } else if (ending_ == Ending::asked && now >= kill_at_) {
            signal_group(SIGKILL);
            ending_ = Ending::killed;
        }
    }

    void signal_group(int number) const {
        if (!spec_.inherit_terminal)
            ::killpg(child_, number);
        else if (!status_)
            ::kill(child_, number);
    }

    ProcessExit result() {
        out_.flush(false);
        err_.flush(false);
        ProcessExit exit;
        exit.end = end_;
        exit.code = WIFSIGNALED(*status_) ? WTERMSIG(*status_) : WEXITSTATUS(*status_);
        if (end_ == ProcessEnd::exited && WIFSIGNALED(*status_))
            exit.end = ProcessEnd::signalled;
        exit.out = out_.kept();
        exit.err = err_.kept();
        exit.duration =
            std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start_);
        return exit;
    }

    const ProcessSpec& spec_;
    Stream out_;
    Stream err_;
    std::stop_token stop_;
    pid_t child_;
    Descriptor wake_;
    Descriptor exit_; ///< pidfd; without one (old kernels) the child is asked every 20 ms
    std::optional<int> status_;
    ProcessEnd end_ = ProcessEnd::exited;
    Ending ending_ = Ending::none;
    std::size_t written_ = 0;
    Clock::time_point start_ = Clock::now();
    Clock::time_point kill_at_;
};

class SpawnRunner final : public ProcessRunner {
public:
    Result<ProcessExit>
    run(const ProcessSpec& spec, const LineSink& sink, std::stop_token stop) override {
        if (spec.argv.empty())
            return fail(ErrorCode::bug, "a process without argv");
        Pipe in;
        Pipe out;
        Pipe err;
        if (!in.make() || !out.make() || !err.make())
            return fail(ErrorCode::env, std::string("cannot make a pipe: ") + std::strerror(errno));
        TAOHF_TRY_ASSIGN(const pid_t child, spawn(spec, in, out, err));
        in.read.reset();
        out.write.reset();
        err.write.reset();
        return Watch(spec, sink, std::move(stop), child).run(in, out, err);
    }
};

} // namespace

std::unique_ptr<ProcessRunner> make_process_runner() {
    // A child that does not read all of its input must not end us.
    ::signal(SIGPIPE, SIG_IGN);
    return std::make_unique<SpawnRunner>();
}

} // namespace taohf::host
