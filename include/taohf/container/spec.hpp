#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace taohf::container {

struct Mount {
    std::string from; ///< absolute host path
    std::string to;
    bool read_only = false;
};

/// What `docker create` is told. Pure data; create_argv() turns it into arguments.
struct ContainerSpec {
    std::string name;
    std::string image; ///< id or tag
    std::vector<std::pair<std::string, std::string>> labels;
    std::vector<Mount> mounts;
    std::vector<std::string> tmpfs; ///< paths hidden under an empty tmpfs: .git folders
    std::vector<std::pair<std::string, std::string>> environment;
    std::string user; ///< "uid:gid"
    std::string network = "none";
    std::string gpus; ///< "", "all" or "device=0,1"
    std::string shm_size = "1g";
    std::string memory; ///< "" = no limit
    std::string working_directory;
    std::vector<std::string> argv; ///< after the image; empty = the image's own
    bool init = true;              ///< tini reaps orphans
    /// Names only: docker copies the values from its own environment. For secrets, which must
    /// never stand in an argument list.
    std::vector<std::string> inherited_environment;
};

struct ExecSpec {
    std::string container;
    std::vector<std::string> argv;
    std::vector<std::pair<std::string, std::string>> environment;
    std::string working_directory;
    std::vector<std::string> inherited_environment; ///< as in ContainerSpec
};

/// "docker", "create", ... in a fixed order; golden-tested.
std::vector<std::string> create_argv(const ContainerSpec& spec);
std::vector<std::string> exec_argv(const ExecSpec& spec);

/// One line that a person can paste into a shell: arguments quoted where needed.
std::string shell_line(const std::vector<std::string>& argv);

} // namespace taohf::container
