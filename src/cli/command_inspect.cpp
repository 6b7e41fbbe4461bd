#include <taohf/base/text.hpp>
#include <taohf/cli/command.hpp>

#include "port_report.hpp"

namespace taohf::cli {

namespace {

Result<std::vector<std::string>> models_of(const Context& context) {
    std::vector<std::string> models = context.options.models;
    if (!context.options.list_file.empty()) {
        const host::Path file =
            context.host.environment.working_directory() / context.options.list_file;
        TAOHF_TRY_ASSIGN(const std::string text, context.host.files.read(file, 4u << 20));
        for (const std::string& line : text::split(text, '\n'))
            if (const auto model = text::trim(line); !model.empty() && model.front() != '#')
                models.emplace_back(model);
    }
    if (models.empty())
        return fail(ErrorCode::usage, "no model given", "taohf inspect MODEL");
    return models;
}

std::string row(const std::string& name, const std::string& value) {
    return value.empty()
               ? ""
               : name + std::string(14 - name.size(), ' ') + text::printable(value) + "\n";
}

std::string text_at(const Json& document, const char* path) {
    const Json* found = find_path(document, path);
    return found == nullptr || found->is_null() ? "" : scalar_text(*found);
}

std::string one_screen(const Json& document, const Options& options) {
    std::string text = row("model", text_at(document, "model")) +
                       row("architecture", text_at(document, "architecture")) +
                       row("task", text_at(document, "task")) +
                       row("verdict", text_at(document, "verdict")) +
                       row("reason", text_at(document, "reason"));
    if (document.value("verdict", "") == "portable")
        text += row("labels", text_at(document, "labels.count")) +
                row("image",
                    text_at(document, "image.height") + " x " + text_at(document, "image.width")) +
                row("parameters", text_at(document, "parameters")) +
                row("strategy",
                    text_at(document, "strategy.choice") + " (" +
                        text_at(document, "strategy.why") + ")") +
                row("reference", text_at(document, "reference.inlined")) +
                row("licence", text_at(document, "licence"));
    if (options.explain)
        for (const Json& line : document.value("task_evidence", Json::array()))
            text += row("because", scalar_text(line));
    if (options.keys)
        for (const Json& tensor : document.value("tensors", Json::array()))
            text += tensor.value("dtype", "") + "  " + tensor.value("shape", Json::array()).dump() +
                    "  " + text::printable(tensor.value("name", "")) + "\n";
    return text;
}

} // namespace

/// One document for one model; one JSON line each for several. Exit code VERDICT when any is
/// refused.
CommandResult command_inspect(Context& context) {
    TAOHF_TRY_ASSIGN(const auto models, models_of(context));
    bool portable = true;
    for (const std::string& model : models) {
        auto document = inspect_model(context, model);
        if (!document) {
            if (models.size() == 1)
                return tl::unexpected<Error>(document.error());
            document = Json{{"schema", "taohf/inspection/v1"},
                            {"model", model},
                            {"verdict", "error"},
                            {"reason", document.error().message}};
        }
        portable = portable && document->value("verdict", "") == "portable";
        if (context.options.json && !context.options.keys)
            document->erase("tensors");
        if (!context.options.json)
            context.print(one_screen(*document, context.options));
        else if (models.size() == 1)
            context.print(*document);
        else
            context.print(document->dump(-1, ' ', false, Json::error_handler_t::replace));
    }
    return portable ? 0 : static_cast<int>(ErrorCode::verdict);
}

} // namespace taohf::cli
