#pragma once

#include <string_view>

namespace taohf::log {

/// The developers' log on standard error, off unless TAOHF_LOG=debug|info is set. What a user
/// reads comes from the reporter instead.
void start(std::string_view level);
void debug(std::string_view message);
void info(std::string_view message);

} // namespace taohf::log
