#include <taohf/base/digest.hpp>
#include <taohf/base/text.hpp>
#include <taohf/lang/node.hpp>

#include "verbs.hpp"

namespace taohf::actions::verbs {

namespace {

struct Cause {
    std::string id;
    std::string cause;
    std::string repair;
};

/// The first row of templates/playbook.yaml whose symptom stands in the output.
std::optional<Cause> find_cause(const lang::Library& templates, const std::string& output) {
    const std::string* text = templates.find("playbook.yaml");
    if (text == nullptr)
        return std::nullopt;
    Diagnostics diagnostics;
    const auto node = lang::read_yaml(*text, "playbook.yaml", diagnostics);
    if (!node)
        return std::nullopt;
    const Json rules = lang::to_json(*node);
    for (const Json& rule : rules.value("rules", Json::array()))
        if (text::matches(output, rule.value("symptom", "")))
            return Cause{rule.value("id", ""), rule.value("cause", ""), rule.value("repair", "")};
    return std::nullopt;
}

std::string last_telling_line(const std::string& output) {
    std::string last;
    std::string telling;
    for (const std::string& line : text::split(output, '\n')) {
        const std::string_view trimmed = text::trim(line);
        if (trimmed.empty())
            continue;
        last = trimmed;
        if (text::matches(last, "(Error|Exception|error:|\\[E\\])"))
            telling = trimmed;
    }
    return telling.empty() ? last : telling;
}

std::string how_it_ended(const container::ExecExit& exit) {
    switch (exit.end) {
    case container::ExecEnd::exited:
        return "ended with exit code " + std::to_string(exit.code);
    case container::ExecEnd::out_of_memory:
        return "was killed because the container ran out of memory";
    case container::ExecEnd::killed:
        return "was killed (exit code 137); memory of the machine may have run out";
    case container::ExecEnd::timed_out:
        return "ran into its time limit";
    case container::ExecEnd::cancelled:
        return "was interrupted";
    case container::ExecEnd::container_gone:
        return "lost its container, which was removed or stopped from outside";
    case container::ExecEnd::engine_gone:
        return "lost the docker daemon";
    }
    return "ended in an unknown way";
}

ErrorCode code_of(container::ExecEnd end) {
    switch (end) {
    case container::ExecEnd::timed_out:
        return ErrorCode::timeout;
    case container::ExecEnd::cancelled:
        return ErrorCode::interrupted;
    case container::ExecEnd::engine_gone:
        return ErrorCode::env;
    default:
        return ErrorCode::step;
    }
}

Error failure(const std::vector<std::string>& argv,
              const container::ExecExit& exit,
              const StepContext& context) {
    Error error;
    error.code = code_of(exit.end);
    error.message = "'" + container::shell_line(argv).substr(0, 160) + "' " + how_it_ended(exit);
    if (exit.end == container::ExecEnd::cancelled)
        error.signal = 2;
    if (const std::string line = last_telling_line(exit.tail); !line.empty())
        error.message += ": " + text::printable(line).substr(0, 400);
    if (const auto cause = find_cause(context.services.templates, exit.tail))
        error.context.push_back("cause (" + cause->id + "): " + cause->cause +
                                "; repair: " + cause->repair);
    error.next = "taohf logs " + context.step;
    return error;
}

} // namespace

std::string text_of(const Json& arguments, const char* key) {
    const auto found = arguments.find(key);
    return found == arguments.end() || found->is_null() ? std::string() : scalar_text(*found);
}

Result<state::Material> template_material(const StepContext& context, const std::string& path) {
    auto digest = context.services.templates.digest(path);
    if (!digest)
        return fail(ErrorCode::spec,
                    "there is no template '" + path + "' (" + context.services.templates.origin() +
                        ")");
    return state::Material{"template", path, std::move(*digest)};
}

Materials context_materials(const StepContext& context, const std::string& container_context) {
    TAOHF_TRY_ASSIGN(const Json settings, context.services.sessions.settings(container_context));
    const std::string tag = text_of(settings, "image");
    TAOHF_TRY_ASSIGN(const std::string id, context.services.sessions.image_id(tag));
    return std::vector<state::Material>{{"image", tag, id},
                                        {"settings", container_context, sha256(settings.dump())}};
}

Status execute_in(const std::string& container_context,
                  const std::vector<std::string>& argv,
                  const Json& environment,
                  StepContext& context) {
    TAOHF_TRY_ASSIGN(const std::string id, context.services.sessions.ensure(container_context));
    container::ExecSpec spec;
    spec.container = id;
    spec.argv = argv;
    if (environment.is_object())
        for (const auto& [name, value] : environment.items())
            spec.environment.emplace_back(name, scalar_text(value));
    TAOHF_TRY_ASSIGN(
        const container::ExecExit exit,
        context.services.engine.exec(spec, context.timeout, context.line, context.stop));
    return verdict_of(argv, exit, context);
}

Status verdict_of(const std::vector<std::string>& argv,
                  const container::ExecExit& exit,
                  const StepContext& context) {
    if (exit.end == container::ExecEnd::exited && exit.code == 0)
        return {};
    return tl::unexpected<Error>(failure(argv, exit, context));
}

} // namespace taohf::actions::verbs
