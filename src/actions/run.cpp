#include "verbs.hpp"

namespace taohf::actions::verbs {

namespace {

/// Lists inside argv are spliced, so that a task's overrides can stand in one `${...}`.
void flatten(const Json& value, std::vector<std::string>& argv) {
    if (!value.is_array())
        return argv.push_back(scalar_text(value));
    for (const Json& item : value)
        flatten(item, argv);
}

} // namespace

Materials run_materials(const Json& arguments, const StepContext& context) {
    return context_materials(context, text_of(arguments, "in"));
}

Result<Json> run(const Json& arguments, StepContext& context) {
    std::vector<std::string> argv;
    flatten(arguments.at("argv"), argv);
    TAOHF_TRY(execute_in(
        text_of(arguments, "in"), argv, arguments.value("environment", Json::object()), context));
    return arguments.value("outputs", Json::object());
}

} // namespace taohf::actions::verbs
