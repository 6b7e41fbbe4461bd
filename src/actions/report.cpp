#include <taohf/actions/report.hpp>
#include <taohf/render/template.hpp>

#include "report_parts.hpp"
#include "report_text.hpp"

namespace taohf::actions {

namespace {

Result<std::string>
rendered(const lang::Library& templates, const std::string& name, const Json& context) {
    const std::string* text = templates.find(name);
    if (text == nullptr)
        return fail(ErrorCode::spec, "there is no template '" + name + "'");
    return render::render_template(*text, name, context);
}

/// Inside <pre> of a Markdown file HTML's rules hold, not Markdown's.
Json markdown_context(const Json& view) {
    Json context = report::escaped(view, report::escape_markdown);
    context["commands"] = report::escaped(view.at("commands"), report::escape_markup);
    return context;
}

} // namespace

Result<Json> write_report(host::Host& host,
                          const host::Path& workspace,
                          const state::PortState& state,
                          const std::vector<phase::PhaseSpec>& phases,
                          const lang::Library& templates,
                          const Json& scope) {
    const report::Source source{
        host.files, workspace, state, phases, scope, host::utc_text(host.clock.now())};
    const report::Evidence evidence = report::read_evidence(source);
    const Json view = report::make_view(source, evidence);
    TAOHF_TRY_ASSIGN(const std::string html,
                     rendered(templates,
                              "report/index.html.tmpl",
                              report::escaped(view, report::escape_markup)));
    TAOHF_TRY_ASSIGN(const std::string markdown,
                     rendered(templates, "report/eval_report.md.tmpl", markdown_context(view)));
    const std::string json =
        report::report_json(source, evidence).dump(2, ' ', false, Json::error_handler_t::replace) +
        "\n";
    const host::Path folder = host::Path(".taohf") / state.port / "report";
    TAOHF_TRY(host.files.make_dirs(workspace / folder));
    Json written = {{"verdict", report::verdict(source).word}};
    const std::tuple<const char*, const char*, std::string> files[] = {
        {"index", "index.html", html},
        {"markdown", "eval_report.md", markdown},
        {"json", "report.json", json},
        {"junit", "junit.xml", report::junit_xml(source)}};
    for (const auto& [key, name, bytes] : files) {
        TAOHF_TRY(host.files.write_atomic(workspace / folder / name, host.secrets.mask(bytes)));
        written[key] = (folder / name).string();
    }
    return written;
}

} // namespace taohf::actions
