#include <taohf/host/signals.hpp>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <iterator>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

namespace taohf::host {

namespace {

std::atomic<int> g_received{0};
int g_pipe[2] = {-1, -1};
constexpr int k_numbers[] = {SIGINT, SIGTERM, SIGHUP};
struct sigaction g_previous[std::size(k_numbers)];
std::stop_source g_stop;
std::jthread g_watcher;

/// Only async-signal-safe calls: the watcher thread does the rest.
void on_signal(int number) {
    int expected = 0;
    if (!g_received.compare_exchange_strong(expected, number) && number == SIGINT)
        _exit(128 + number); // the second Ctrl-C does not wait
    const int saved = errno;
    const char byte = 1;
    (void)!write(g_pipe[1], &byte, 1);
    errno = saved;
}

} // namespace

SignalStop::SignalStop() {
    if (pipe2(g_pipe, O_CLOEXEC) != 0)
        return;
    g_received = 0;
    g_stop = std::stop_source();
    g_watcher = std::jthread([] {
        char byte = 0;
        while (read(g_pipe[0], &byte, 1) < 0 && errno == EINTR) {
        }
        if (byte == 1)
            g_stop.request_stop();
    });

    struct sigaction action {};

    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    for (std::size_t i = 0; i < std::size(k_numbers); ++i) {
        sigaction(k_numbers[i], nullptr, &g_previous[i]);
        if (g_previous[i].sa_handler != SIG_IGN) // nohup stays nohup
            sigaction(k_numbers[i], &action, nullptr);
    }

    struct sigaction ignore {};

    ignore.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ignore, nullptr);
}

SignalStop::~SignalStop() {
    if (g_pipe[1] < 0)
        return;
    for (std::size_t i = 0; i < std::size(k_numbers); ++i)
        sigaction(k_numbers[i], &g_previous[i], nullptr); // nobody writes to a closed pipe
    const char byte = 0;
    (void)!write(g_pipe[1], &byte, 1);
    g_watcher.join();
    for (int& end : g_pipe) {
        close(end);
        end = -1;
    }
}

std::stop_token SignalStop::token() const {
    return g_stop.get_token();
}

int SignalStop::received() {
    return g_received.load();
}

} // namespace taohf::host
