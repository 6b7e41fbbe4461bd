#pragma once

#include <taohf/base/error.hpp>
#include <taohf/host/process.hpp>

#include <string>
#include <string_view>

namespace taohf::container {

/// The program could not be started at all.
Error program_missing(const std::string& program, const Error& cause);

/// Turns what docker wrote into an error that names the cause. `what` reads "starting the container
/// x"; `image` is named where the image is the cause and may be empty.
Error docker_error(const std::string& program,
                   const std::string& what,
                   const host::ProcessExit& exit,
                   const std::string& image = {});

/// No daemon answers: not running, gone in between, or no permission to ask.
bool is_daemon_gone(std::string_view output);
bool is_no_such_image(std::string_view output);
bool is_no_such_container(std::string_view output);
bool is_name_taken(std::string_view output);

/// The last line that is not empty, without docker's "Error response from daemon: ".
std::string telling_line(std::string_view output);

} // namespace taohf::container
