#pragma once

#include <taohf/host/environment.hpp>

#include <map>
#include <string>

namespace taohf::test {

/// A user's environment as plain fields.
class FakeEnvironment final : public host::Environment {
public:
    std::map<std::string, std::string> variables;
    std::filesystem::path folder = "/ws";
    std::filesystem::path home_folder = "/home/ann";
    std::string user = "ann";
    unsigned uid = 1000;
    unsigned gid = 1000;
    bool has_terminal = false;
    int width = 80;

    std::optional<std::string> get(const std::string& name) const override;

    std::filesystem::path working_directory() const override { return folder; }

    unsigned user_id() const override { return uid; }

    unsigned group_id() const override { return gid; }

    std::string user_name() const override { return user; }

    std::filesystem::path home() const override { return home_folder; }

    bool is_terminal(int descriptor) const override;

    int terminal_width() const override { return width; }
};

} // namespace taohf::test
