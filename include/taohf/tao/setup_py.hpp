#pragma once

#include <taohf/base/error.hpp>

#include <string>
#include <vector>

namespace taohf::tao {

/// The `name=module:function` lines of console_scripts in a setup.py.
Result<std::vector<std::string>> console_scripts(const std::string& setup_py,
                                                 const std::string& file);

/// The text with one console script added in the style of its neighbours (same quotes and
/// indentation, alphabetical place not required: after the last entry). Unchanged when the very
/// entry exists; REPO error when the name exists with another target or no list is found.
Result<std::string>
add_console_script(const std::string& setup_py, const std::string& file, const std::string& entry);

/// The inverse; unchanged when absent.
Result<std::string> remove_console_script(const std::string& setup_py,
                                          const std::string& file,
                                          const std::string& entry);

} // namespace taohf::tao
