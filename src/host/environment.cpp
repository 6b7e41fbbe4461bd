#include <taohf/host/environment.hpp>

#include <cstdlib>
#include <pwd.h>

#include <sys/ioctl.h>
#include <unistd.h>

namespace taohf::host {

namespace {

class ProcessEnvironment final : public Environment {
public:
    std::optional<std::string> get(const std::string& name) const override {
        const char* value = std::getenv(name.c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    }

    std::filesystem::path working_directory() const override {
        std::error_code error; // the folder may have been removed under us
        const std::filesystem::path folder = std::filesystem::current_path(error);
        return error ? "/" : folder;
    }

    unsigned user_id() const override { return getuid(); }

    unsigned group_id() const override { return getgid(); }

    std::string user_name() const override {
        const passwd* entry = getpwuid(getuid());
        return entry == nullptr ? std::to_string(getuid()) : entry->pw_name;
    }

    std::filesystem::path home() const override {
        if (const auto named = get("HOME"); named && !named->empty())
            return *named;
        const passwd* entry = getpwuid(getuid());
        return entry == nullptr ? "/" : entry->pw_dir;
    }

    bool is_terminal(int descriptor) const override { return isatty(descriptor) == 1; }

    int terminal_width() const override {
        winsize size{};
        return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
    }
};

} // namespace

std::unique_ptr<Environment> make_environment() {
    return std::make_unique<ProcessEnvironment>();
}

} // namespace taohf::host
