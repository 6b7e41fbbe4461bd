#pragma once

#include <taohf/base/json.hpp>

#include <string>
#include <vector>

namespace taohf::cli {

/// Everything the command line can say. One flat record: a command reads the fields its options
/// set.
struct Options {
    std::string command;   ///< "run", "gate check", ...
    std::string workspace; ///< -C
    std::string port;      ///< --port
    bool json = false;
    bool yes = false;
    bool no_color = false;
    std::string phases_folder;
    std::string templates_folder;

    Json inputs = Json::object(); ///< --task, --strategy, --dataset ... and --set NAME=VALUE

    std::string model;               ///< run
    std::vector<std::string> models; ///< inspect
    std::string name;                ///< --name
    std::string range;               ///< phase N or N..M, gate check N
    int until = -1;                  ///< run --until
    std::string from;
    bool force = false;
    std::string id;     ///< a gate or step
    std::string reason; ///< gate approve --reason
    bool why = false;
    bool follow = false;
    bool detailed_exitcode = false;
    bool explain = false;
    bool keys = false;
    bool allow_remote_code = false; ///< inspect; `run` has an input of this name
    std::string list_file;
    std::string against;
    std::string layout;      ///< init
    std::string tao_version; ///< init
    std::string profile;     ///< init
    std::string clones[4];   ///< init --tao-core, --tao-pytorch, --tao-deploy, --tao-dataservices
    std::string context;     ///< shell
    std::string topic;       ///< schema
    bool all = false;        ///< clean --all
};

} // namespace taohf::cli
