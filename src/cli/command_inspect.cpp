#include <taohf/base/parallel.hpp>
#include <taohf/base/text.hpp>
#include <taohf/cli/command.hpp>

#include <fmt/format.h>

#include <atomic>
#include <mutex>
#include <optional>

#include "inspect_text.hpp"
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

std::string screen(const Json& document, const Options& options) {
    return inspection_screen(document) + (options.explain ? inspection_evidence(document) : "") +
           (options.keys ? inspection_tensors(document) : "");
}

hub::RemoteCode remote_code(const Context& context) {
    return context.options.allow_remote_code ? hub::RemoteCode::allowed : hub::RemoteCode::refused;
}

/// The same model at another revision; for a folder, another folder.
Result<std::string> other_model(const Context& context, const std::string& model) {
    const std::string& against = context.options.against;
    const host::Path here = context.host.environment.working_directory();
    if (context.host.files.stat(here / against))
        return against;
    if (context.host.files.stat(here / model))
        return fail(ErrorCode::usage,
                    fmt::format("'{}' is a folder and has no revision '{}'", model, against),
                    "name another folder with --against");
    return model.substr(0, model.find('@')) + "@" + against;
}

/// Exit code VERDICT when something differs that a port rests on.
CommandResult compare(Context& context, const std::string& model) {
    TAOHF_TRY_ASSIGN(const std::string other, other_model(context, model));
    TAOHF_TRY_ASSIGN(const Json left, inspect_model(context, model, remote_code(context)));
    TAOHF_TRY_ASSIGN(const Json right, inspect_model(context, other, remote_code(context)));
    const Json comparison = compare_inspections(left, right);
    if (context.options.json)
        context.print(comparison);
    else
        context.print(comparison_screen(comparison));
    return comparison.value("same", false) ? 0 : static_cast<int>(ErrorCode::verdict);
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
                                : screen(document, context.options);
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
    TAOHF_TRY_ASSIGN(Json document, inspect_model(context, model, remote_code(context)));
    if (context.options.json && !context.options.keys)
        document.erase("tensors");
    if (context.options.json)
        context.print(document);
    else
        context.print(screen(document, context.options));
    return document.value("verdict", "") == "portable" ? 0 : static_cast<int>(ErrorCode::verdict);
}

CommandResult inspect_many(Context& context, const std::vector<std::string>& models) {
    TAOHF_TRY_ASSIGN(const Json families, context.templates.document("families.yaml"));
    OrderedOutput output(context, models.size());
    std::atomic<bool> portable = true;
    for_each_at_once(models.size(), k_at_once, [&](std::size_t i) {
        if (context.stop.stop_requested())
            return;
        auto document = inspect_model(context, families, models[i], remote_code(context));
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
    if (!context.options.against.empty() && models.size() != 1)
        return fail(ErrorCode::usage,
                    "--against compares one model with another revision of it",
                    "taohf inspect org/name --against REVISION");
    if (!context.options.against.empty())
        return compare(context, models.front());
    return models.size() == 1 ? inspect_one(context, models.front())
                              : inspect_many(context, models);
}

} // namespace taohf::cli
