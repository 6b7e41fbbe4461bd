#include <taohf/base/text.hpp>
#include <taohf/container/spec.hpp>

#include <algorithm>
#include <string_view>

namespace taohf::container {

namespace {

using Arguments = std::vector<std::string>;

/// docker reads --mount as one line of CSV, so a comma or a quote in a path must be quoted.
std::string csv_field(const std::string& field) {
    if (field.find_first_of(",\"\n") == std::string::npos)
        return field;
    return "\"" + text::replace_all(field, "\"", "\"\"") + "\"";
}

std::string mount_value(const Mount& mount) {
    std::string value =
        "type=bind," + csv_field("source=" + mount.from) + "," + csv_field("target=" + mount.to);
    if (mount.read_only)
        value += ",readonly";
    return value;
}

void add(Arguments& argv, const char* flag, const std::string& value) {
    if (value.empty())
        return;
    argv.emplace_back(flag);
    argv.push_back(value);
}

template <class Spec> void add_environment(Arguments& argv, const Spec& spec) {
    for (const auto& [name, value] : spec.environment)
        add(argv, "--env", name + "=" + value);
    for (const std::string& name : spec.inherited_environment)
        add(argv, "--env", name);
}

bool needs_no_quotes(std::string_view argument) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        "_-./:=@%+,";
    return !argument.empty() && argument.find_first_not_of(plain) == std::string_view::npos;
}

} // namespace

std::vector<std::string> create_argv(const ContainerSpec& spec) {
    Arguments argv = {"docker", "create", "--pull", "never"};
    add(argv, "--name", spec.name);
    if (spec.init)
        argv.emplace_back("--init");
    for (const auto& [key, value] : spec.labels)
        add(argv, "--label", key + "=" + value);
    add(argv, "--network", spec.network);
    add(argv, "--user", spec.user);
    // --gpus is CSV as well: unquoted, the second device number would be taken for a count.
    add(argv, "--gpus", csv_field(spec.gpus));
    add(argv, "--shm-size", spec.shm_size);
    add(argv, "--memory", spec.memory);
    // Without this a container may take as much swap again as its memory limit allows.
    add(argv, "--memory-swap", spec.memory);
    for (const Mount& mount : spec.mounts)
        add(argv, "--mount", mount_value(mount));
    for (const std::string& path : spec.tmpfs)
        add(argv, "--tmpfs", path);
    add_environment(argv, spec);
    add(argv, "--workdir", spec.working_directory);
    argv.push_back(spec.image);
    argv.insert(argv.end(), spec.argv.begin(), spec.argv.end());
    return argv;
}

std::vector<std::string> exec_argv(const ExecSpec& spec) {
    Arguments argv = {"docker", "exec"};
    add_environment(argv, spec);
    add(argv, "--workdir", spec.working_directory);
    argv.push_back(spec.container);
    argv.insert(argv.end(), spec.argv.begin(), spec.argv.end());
    return argv;
}

std::string shell_line(const std::vector<std::string>& argv) {
    std::string line;
    for (const std::string& argument : argv) {
        if (!line.empty())
            line += ' ';
        line += needs_no_quotes(argument) ? argument
                                          : "'" + text::replace_all(argument, "'", "'\\''") + "'";
    }
    return line;
}

} // namespace taohf::container
