#include "port_report.hpp"

#include <taohf/actions/report.hpp>
#include <taohf/base/text.hpp>

namespace taohf::cli {

std::string report_path(const Context& context, const std::string& port) {
    return (context.workspace.root / ".taohf" / port / "report" / "index.html").string();
}

bool report_exists(const Context& context, const std::string& port) {
    return context.host.files.stat(report_path(context, port)).has_value();
}

Result<std::string>
write_port_report(const Context& context, const state::PortState& state, const Json& scope) {
    TAOHF_TRY_ASSIGN(
        const Json written,
        actions::write_report(
            context.host, context.workspace.root, state, context.phases, context.templates, scope));
    (void)written;
    return report_path(context, state.port);
}

std::string summary(const state::PortState& state, const std::string& report) {
    int passed = 0;
    int red = 0;
    int emulated = 0;
    int last = -1;
    for (const auto& phase : state.phases) {
        if (phase.conclusion == "success")
            last = std::max(last, phase.phase);
        for (const auto& gate : phase.gates) {
            gate.passed ? ++passed : ++red;
            emulated += gate.emulated ? 1 : 0;
        }
    }
    std::string text = std::to_string(passed) + " gates passed, " + std::to_string(red) + " red";
    if (last >= 0)
        text += "; last finished phase: " + std::to_string(last);
    if (emulated > 0)
        text += "\n" + std::to_string(emulated) +
                " gates rest on an emulated engine: they prove the Python side, not TensorRT";
    return text + "\nreport: " + report;
}

Result<Json> inspect_model(const Context& context, const std::string& model, hub::RemoteCode code) {
    TAOHF_TRY_ASSIGN(const Json families, context.templates.document("families.yaml"));
    return inspect_model(context, families, model, code);
}

Result<Json> inspect_model(const Context& context,
                           const Json& families,
                           const std::string& model,
                           hub::RemoteCode code) {
    TAOHF_TRY_ASSIGN(const hub::Snapshot snapshot,
                     hub::look_at(context.host, model, hub::Watch{context.stop, {}}, code));
    auto document = hub::inspect(context.host, snapshot, families, code);
    if (!document && document.error().code == ErrorCode::input && document.error().next.empty())
        document.error().next = "fetch that file of " + model + " anew, or name another model";
    return document;
}

} // namespace taohf::cli
