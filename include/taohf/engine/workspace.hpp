#pragma once

#include <taohf/base/json.hpp>
#include <taohf/host/host.hpp>
#include <taohf/lang/library.hpp>

#include <string>
#include <vector>

namespace taohf::engine {

/// The folder that holds the four clones, taohf.yaml and .taohf/.
struct Workspace {
    host::Path root;
    Json config =
        Json::object(); ///< taohf.yaml: schema, profile, layout, tao_version, port, inputs

    std::string text(const std::string& key, const std::string& fallback = {}) const;
};

/// `start` itself when given by -C, else the nearest parent of the working directory that has a
/// taohf.yaml, else the working directory. SPEC error for a taohf.yaml that cannot be read, has
/// keys that nothing reads, or inputs of another kind than templates/inputs.yaml has.
Result<Workspace>
open_workspace(host::Host& host, const lang::Library& templates, const std::string& given);

/// Writes taohf.yaml (comments of an existing one are not kept; its unknown keys are).
Status save_workspace(host::Host& host, const Workspace& workspace);

/// What a run is told, each value with its origin: flag > environment (TAOHF_<NAME>) > the port's
/// recorded inputs > taohf.yaml > templates/inputs.yaml.
struct Inputs {
    Json values = Json::object();
    Json origins = Json::object();
};

Result<Inputs> gather_inputs(host::Host& host,
                             const Workspace& workspace,
                             const lang::Library& templates,
                             const Json& flags,
                             const Json& recorded);

} // namespace taohf::engine
