#include <taohf/base/log.hpp>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace taohf::log {

namespace {

/// Silent until start(); the library's own default would print to standard output.
spdlog::logger& logger() {
    static const auto instance = [] {
        auto made = std::make_shared<spdlog::logger>(
            "taohf", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
        made->set_level(spdlog::level::off);
        return made;
    }();
    return *instance;
}

} // namespace

void start(std::string_view level) {
    logger().set_level(level == "debug"  ? spdlog::level::debug
                       : level == "info" ? spdlog::level::info
                                         : spdlog::level::off);
}

void debug(std::string_view message) {
    logger().debug("{}", message);
}

void info(std::string_view message) {
    logger().info("{}", message);
}

} // namespace taohf::log
