#pragma once

#include <taohf/actions/action.hpp>
#include <taohf/hub/inspection.hpp>

/// The functions behind the table in registry.cpp; one source file for each verb.
namespace taohf::actions::verbs {

using Materials = Result<std::vector<state::Material>>;

#define TAOHF_VERB(name)                                                                           \
    Materials name##_materials(const Json& arguments, const StepContext& context);                 \
    Result<Json> name(const Json& arguments, StepContext& context)

TAOHF_VERB(check_host);
TAOHF_VERB(strip_image);
TAOHF_VERB(repositories);
TAOHF_VERB(branch);
TAOHF_VERB(snapshot);
TAOHF_VERB(inspect);
Result<Json> define(const Json& arguments, StepContext& context);
TAOHF_VERB(reference);
TAOHF_VERB(run);
TAOHF_VERB(probe);
TAOHF_VERB(render);
TAOHF_VERB(console_script);
TAOHF_VERB(release);
TAOHF_VERB(patch);

#undef TAOHF_VERB

/// A verb that depends on nothing but its arguments.
inline Materials nothing(const Json&, const StepContext&) {
    return std::vector<state::Material>{};
}

/// The text at a key, or "" when absent.
std::string text_of(const Json& arguments, const char* key);

/// What a step says of code that the model's repository brings along.
hub::RemoteCode remote_code(const Json& arguments);

/// A material for a template text; SPEC error when the library has no such file.
Result<state::Material> template_material(const StepContext& context, const std::string& path);

/// The image of a container context and its settings (environment, network, GPUs).
Materials context_materials(const StepContext& context, const std::string& container_context);

/// argv inside the container of a context; output to the step's log. Any end but exit code 0
/// becomes a STEP error that names the cause found in the output.
Status execute_in(const std::string& container_context,
                  const std::vector<std::string>& argv,
                  const Json& environment,
                  StepContext& context);

/// Success for exit code 0, otherwise the error that execute_in() returns.
Status verdict_of(const std::vector<std::string>& argv,
                  const container::ExecExit& exit,
                  const StepContext& context);

} // namespace taohf::actions::verbs
