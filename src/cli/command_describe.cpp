#include <taohf/cli/app.hpp>
#include <taohf/cli/command.hpp>
#include <taohf/gates/gates.hpp>

#ifndef TAOHF_VERSION
#define TAOHF_VERSION "0.1.0"
#endif

namespace taohf::cli {

namespace {

Json verbs() {
    Json rows = Json::array();
    for (const auto& action : actions::registry())
        rows.push_back({{"name", action.name},
                        {"summary", action.summary},
                        {"required", action.required},
                        {"optional", action.optional}});
    return rows;
}

Json matchers() {
    Json rows = Json::array();
    for (const auto& row : gates::subjects())
        rows.push_back({{"kind", "subject"}, {"name", row.name}, {"summary", row.summary}});
    for (const auto& row : gates::matchers())
        rows.push_back({{"kind", "matcher"}, {"name", row.name}, {"summary", row.summary}});
    return rows;
}

Result<Json> inputs(const Context& context) {
    TAOHF_TRY_ASSIGN(const Json document, context.templates.document("inputs.yaml"));
    const Json known = document.value("inputs", Json::object());
    Json rows = Json::array();
    for (const auto& [name, row] : known.items()) {
        Json line = {{"name", name}};
        line.update(row);
        rows.push_back(std::move(line));
    }
    return rows;
}

std::string table(const Json& rows) {
    std::string text;
    for (const Json& row : rows) {
        const std::string name = row.value("name", "");
        text += name + std::string(name.size() < 18 ? 18 - name.size() : 1, ' ') +
                row.value("summary", row.value("help", "")) + "\n";
    }
    return text;
}

} // namespace

CommandResult command_schema(Context& context) {
    const std::string topic = context.options.topic.empty() ? "inputs" : context.options.topic;
    Json rows;
    if (topic == "verbs" || topic == "phase") {
        rows = verbs();
    } else if (topic == "matchers") {
        rows = matchers();
    } else {
        TAOHF_TRY_ASSIGN(rows, inputs(context));
    }
    if (context.options.json)
        context.print(Json{{"schema", "taohf/schema/v1"}, {"topic", topic}, {"rows", rows}});
    else
        context.print(table(rows));
    return 0;
}

CommandResult command_completion(Context& context) {
    context.print(completion(context.options.topic));
    return 0;
}

CommandResult command_version(Context& context) {
    if (context.options.json)
        context.print(Json{{"schema", "taohf/version/v1"},
                           {"version", TAOHF_VERSION},
                           {"phases", context.phases_text.origin()},
                           {"templates", context.templates.origin()}});
    else
        context.print(std::string("taohf ") + TAOHF_VERSION);
    return 0;
}

} // namespace taohf::cli
