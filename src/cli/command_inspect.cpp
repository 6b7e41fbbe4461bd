#include <taohf/base/parallel.hpp>
#include <taohf/base/text.hpp>
#include <taohf/cli/command.hpp>

#include <atomic>
#include <mutex>
#include <optional>

#include "port_report.hpp"

namespace taohf::cli {

namespace {

constexpr std::size_t k_at_once = 24; ///< models; most of the time is the Hub's

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

/// What is printed for one model that could not be read while others could.
Json error_document(const std::string& model, const Error& error) {
    return Json{{"schema", "taohf/inspection/v1"},
                {"model", model},
                {"verdict", "error"},
                {"reason", error.message},
                {"code", exit_code(error)},
                {"class", error_class(error.code)},
                {"next", error.next}};
}

std::string as_text(const Json& document, const Context& context) {
    return context.options.json ? document.dump(-1, ' ', false, Json::error_handler_t::replace)
                                : one_screen(document, context.options);
}

/// Prints in the order given what many threads find in any order, as soon as it can be.
class OrderedOutput final {
public:
    OrderedOutput(const Context& context, std::size_t count) : context_(context), texts_(count) {}

    void put(std::size_t index, std::string text) {
        const std::lock_guard guard(mutex_);
        texts_[index] = std::move(text);
        for (; next_ < texts_.size() && texts_[next_]; ++next_) {
            context_.print(*texts_[next_]);
            texts_[next_]->clear();
            texts_[next_]->shrink_to_fit();
        }
    }

private:
    const Context& context_;
    std::mutex mutex_;
    std::vector<std::optional<std::string>> texts_;
    std::size_t next_ = 0;
};

CommandResult inspect_one(Context& context, const std::string& model) {
    TAOHF_TRY_ASSIGN(Json document, inspect_model(context, model));
    if (context.options.json && !context.options.keys)
        document.erase("tensors");
    if (context.options.json)
        context.print(document);
    else
        context.print(one_screen(document, context.options));
    return document.value("verdict", "") == "portable" ? 0 : static_cast<int>(ErrorCode::verdict);
}

CommandResult inspect_many(Context& context, const std::vector<std::string>& models) {
    TAOHF_TRY_ASSIGN(const Json families, context.templates.document("families.yaml"));
    OrderedOutput output(context, models.size());
    std::atomic<bool> portable = true;
    for_each_at_once(models.size(), k_at_once, [&](std::size_t i) {
        if (context.stop.stop_requested())
            return;
        auto document = inspect_model(context, families, models[i]);
        if (!document)
            document = error_document(models[i], document.error());
        if (document->value("verdict", "") != "portable")
            portable = false;
        if (!context.options.keys)
            document->erase("tensors");
        output.put(i, as_text(*document, context));
    });
    if (context.stop.stop_requested())
        return fail(ErrorCode::interrupted, "the inspection was interrupted");
    return portable ? 0 : static_cast<int>(ErrorCode::verdict);
}

} // namespace

/// One document for one model; one JSON line each for several. Exit code VERDICT when any is
/// refused.
CommandResult command_inspect(Context& context) {
    TAOHF_TRY_ASSIGN(const auto models, models_of(context));
    return models.size() == 1 ? inspect_one(context, models.front())
                              : inspect_many(context, models);
}

} // namespace taohf::cli
