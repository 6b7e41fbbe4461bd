#pragma once

#include <string>
#include <vector>

#include "model_config.hpp"

namespace taohf::hub {

/// What may be made of the code that a repository brings along, and its files. Nothing of it is
/// read or run here: it is loaded in the containers of a port, and only when `allowed`.
struct OwnCode {
    bool allowed = false;
    std::vector<std::string> files; ///< names at the top of the snapshot
};

/// The class that a repository defines for one of the tasks: `module.name` in its `auto_map`.
struct OwnClass {
    std::string module;
    std::string name;
    std::string task;     ///< as in the family table, "" when `auto_map` has no class for a task
    std::string evidence; ///< which setting says so
    std::string refused;  ///< why it cannot be used, though it is allowed
};

/// Looks for the class in `auto_map`: the one that `architectures` names, else the first.
OwnClass own_class(const ModelConfig& model, const OwnCode& code, const Json& family_table);

} // namespace taohf::hub
