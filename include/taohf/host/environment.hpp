#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace taohf::host {

/// Seam 5 of 5: what the process was given.
class Environment {
public:
    virtual ~Environment() = default;
    virtual std::optional<std::string> get(const std::string& name) const = 0;
    virtual std::filesystem::path working_directory() const = 0;
    virtual unsigned user_id() const = 0;
    virtual unsigned group_id() const = 0;
    virtual std::string user_name() const = 0;
    virtual std::filesystem::path home() const = 0;
    /// File descriptor 0, 1 or 2 is a terminal.
    virtual bool is_terminal(int descriptor) const = 0;
    /// Columns of the terminal, 80 when unknown.
    virtual int terminal_width() const = 0;
};

std::unique_ptr<Environment> make_environment();

} // namespace taohf::host
