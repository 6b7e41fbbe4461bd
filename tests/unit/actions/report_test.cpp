#include <taohf/actions/report.hpp>

#include <gtest/gtest.h>

#include "unit/hub/real_host.hpp"

namespace taohf::actions {
namespace {

constexpr std::string_view k_hostile = "<script>alert(\"x\")</script>'&|`<% port %>";
/// One grey pixel.
constexpr unsigned char k_png[] = {
    0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x00, 0x00, 0x00, 0x0D, 0x49, 0x48,
    0x44, 0x52, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00,
    0x00, 0x3A, 0x7E, 0x9B, 0x55, 0x00, 0x00, 0x00, 0x0A, 0x49, 0x44, 0x41, 0x54, 0x78,
    0x9C, 0x63, 0x68, 0x00, 0x00, 0x00, 0x82, 0x00, 0x81, 0x77, 0xCD, 0x72, 0xB6, 0x00,
    0x00, 0x00, 0x00, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82};

std::string png() {
    return {reinterpret_cast<const char*>(k_png), sizeof k_png};
}

state::GateRecord gate(const std::string& id, int phase, bool passed) {
    state::GateRecord record;
    record.id = id;
    record.phase = phase;
    record.step = "train";
    record.title = "title of " + id;
    record.severity = "error";
    record.passed = passed;
    record.expected = "at most 2e-05";
    record.observed = passed ? "3.1e-07" : "0.7";
    record.evidence = {"results/vit/evidence/parity.json"};
    return record;
}

phase::PhaseSpec
phase_spec(int number, const std::string& title, const std::vector<std::string>& gates) {
    phase::PhaseSpec phase;
    phase.number = number;
    phase.title = title;
    for (const std::string& id : gates) {
        phase.gates.push_back({});
        phase.gates.back().id = id;
        phase.gates.back().title = "title of " + id;
    }
    phase::StepSpec step;
    step.id = "step-" + std::to_string(number);
    step.title = "Step " + std::to_string(number);
    phase.steps.push_back(step);
    return phase;
}

class Report : public ::testing::Test {
protected:
    void SetUp() override {
        phases = {phase_spec(0, "Host", {"G0.1"}), phase_spec(1, "Prove", {"G1.1", "G1.2"})};
        state.port = "vit";
        for (int number : {0, 1}) {
            state::PhaseRecord& phase = state.phase(number);
            phase.conclusion = "success";
            phase.gates.push_back(gate("G" + std::to_string(number) + ".1", number, true));
            phase.steps.push_back({});
            phase.steps.back().id = "step-" + std::to_string(number);
            phase.steps.back().outcome = "success";
            phase.steps.back().seconds = 10 + 20 * number;
        }
        state.phase(1).gates.push_back(gate("G1.2", 1, true));
        scope = {{"inputs",
                  {{"model", "org/model"},
                   {"profile", "tao"},
                   {"dataset", "/data sets/it's"},
                   {"epochs", 3}}},
                 {"paths", {{"results", "results/vit"}, {"data", "/data/vit"}, {"dataset", ""}}}};
    }

    Json write() {
        const auto library =
            lang::Library::from_folder(*real.files, host::Path(TAOHF_SOURCE_DIR) / "templates");
        EXPECT_TRUE(library);
        const auto written = write_report(real.host, folder.path(), state, phases, *library, scope);
        EXPECT_TRUE(written) << format_error(written.error());
        return written ? *written : Json();
    }

    std::string html() { return folder.read(write().at("index").get<std::string>()); }

    void evidence(const std::string& name, const Json& document) {
        folder.write("results/vit/evidence/" + name + ".json", document.dump());
    }

    static int times(const std::string& text, const std::string& part) {
        int found = 0;
        for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
            ++found;
        return found;
    }

    taohf::test::TemporaryFolder folder;
    taohf::test::RealHost real;
    state::PortState state;
    std::vector<phase::PhaseSpec> phases;
    Json scope;
};

TEST_F(Report, WritesFourFilesBesideTheState) {
    const Json written = write();
    EXPECT_EQ(written.at("index"), ".taohf/vit/report/index.html");
    EXPECT_EQ(written.at("verdict"), "proved");
    for (const char* key : {"index", "markdown", "json", "junit"})
        EXPECT_FALSE(folder.read(written.at(key)).empty()) << key;
    const auto document = parse_json(folder.read(written.at("json")), "report.json");
    ASSERT_TRUE(document);
    EXPECT_EQ(document->at("schema"), "taohf/report/v1");
    EXPECT_EQ(document->at("gates").at("passed"), 3);
    EXPECT_EQ(document->at("phases").at(1).at("gates").at(0).at("observed"), "3.1e-07");
}

TEST_F(Report, TheVerdictFollowsTheRecord) {
    EXPECT_EQ(write().at("verdict"), "proved");
    state.phase(1).conclusion = "interrupted";
    EXPECT_EQ(write().at("verdict"), "stopped");
    state.phases.pop_back();
    EXPECT_EQ(write().at("verdict"), "unfinished");
    state.phase(0).gates[0].passed = false;
    EXPECT_EQ(write().at("verdict"), "red");
    state.phases.clear();
    EXPECT_EQ(write().at("verdict"), "unfinished");
}

TEST_F(Report, ARedGateCountsUnlessApprovedOrAWarning) {
    state.phase(1).gates[0] = gate("G1.1", 1, false);
    EXPECT_EQ(write().at("verdict"), "red");
    state.approvals["G1.1"] = {"ann", "known", "2026-03-01T11:00:00Z"};
    EXPECT_EQ(write().at("verdict"), "proved");
    EXPECT_NE(html().find("let pass by ann: known"), std::string::npos);
    state.approvals.clear();
    state.phase(1).gates[0].severity = "warn";
    EXPECT_EQ(write().at("verdict"), "proved");
    EXPECT_NE(html().find("1 gate red with severity warning."), std::string::npos);
}

TEST_F(Report, RedGatesComeFirst) {
    state.phase(1).gates[1] = gate("G1.2", 1, false);
    const std::string page = html();
    EXPECT_LT(page.find("1 gate is red"), page.find("Model card"));
    const auto table = page.find("<h2>Gates</h2>");
    EXPECT_LT(page.find("title of G1.2", table), page.find("title of G1.1", table));
    EXPECT_EQ(times(page.substr(table), "<details class=\"phase\" open>"), 1);
}

TEST_F(Report, EmulationIsToldAtTheTopAndInTheTable) {
    EXPECT_EQ(html().find("Emulated in this run"), std::string::npos);
    state.phase(1).gates[0].emulated = true;
    const std::string page = html();
    EXPECT_LT(page.find("Gates that rest on it: G1.1."), page.find("Model card"));
    EXPECT_NE(page.find("<span class=\"badge emulated\">"), std::string::npos);
    EXPECT_NE(page.find("Ported and proved, in the sandbox"), std::string::npos);
    evidence("accuracy", {{"hf", 0.5}, {"tao", 0.5}, {"engine", 0.5}});
    EXPECT_NE(html().find("Engine (emulated)"), std::string::npos);
}

TEST_F(Report, TheSandboxIsToldEvenWithoutAnEmulatedGate) {
    scope["profile"]["emulated"] = true;
    const std::string page = html();
    EXPECT_NE(page.find("CPU images built on this host"), std::string::npos);
    EXPECT_NE(page.find("Ported and proved, in the sandbox"), std::string::npos);
}

TEST_F(Report, HostileTextStaysText) {
    const std::string hostile(k_hostile);
    scope["inputs"]["model"] = hostile;
    state.phase(1).gates[0] = gate("G1.1", 1, false);
    for (std::string* field : {&state.phase(1).gates[0].title,
                               &state.phase(1).gates[0].expected,
                               &state.phase(1).gates[0].observed,
                               &state.phase(1).gates[0].evidence[0],
                               &state.phase(0).reason})
        *field = hostile + "\x1B[31m";
    evidence("inspection",
             {{"labels", {{"count", 1}, {"names", {hostile}}}}, {"architecture", hostile}});
    evidence("weight_map",
             {{"strategy", hostile}, {hostile, hostile}, {"entries", {{{"source", hostile}}}}});
    evidence("accuracy", {{"metrics", {{{"name", hostile}, {"hf", hostile}}}}});
    evidence("training_curve", {{"x", hostile}, {"points", {{{hostile, 0}, {hostile + "y", 1}}}}});
    evidence("samples",
             Json::array({{{"image", hostile}, {"label", hostile}, {"hf", {{"label", hostile}}}}}));
    const Json written = write();
    for (const char* key : {"index", "markdown", "junit"}) {
        const std::string text = folder.read(written.at(key));
        EXPECT_EQ(text.find("<script"), std::string::npos) << key;
        EXPECT_EQ(text.find('\x1B'), std::string::npos) << key;
    }
    EXPECT_NE(folder.read(written.at("index")).find("&lt;% port %&gt;"), std::string::npos)
        << "never expanded";
    EXPECT_EQ(folder.read(written.at("markdown")).find("'&|"), std::string::npos)
        << "cells stay cells";
}

TEST_F(Report, IsSelfContainedAndWithoutScripts) {
    const std::string page = html();
    EXPECT_EQ(page.find("<script"), std::string::npos);
    EXPECT_EQ(page.find("<link"), std::string::npos);
    EXPECT_EQ(page.find("http://"), std::string::npos);
    EXPECT_EQ(page.find("https://"), std::string::npos);
    EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
    EXPECT_NE(page.find("prefers-color-scheme: dark"), std::string::npos);
}

TEST_F(Report, CodeOfTheRepositoryIsNamed) {
    evidence("inspection", {{"code_module", "modeling_tiny"}});
    EXPECT_NE(html().find("modeling_tiny.py defines the model"), std::string::npos);
    evidence("inspection", {{"code_module", ""}});
    EXPECT_EQ(html().find("Code of the repository"), std::string::npos);
}

TEST_F(Report, AMissingDocumentLeavesANote) {
    const std::string page = html();
    for (const char* name : {"inspection", "weight_map", "accuracy", "training_curve", "samples"})
        EXPECT_NE(page.find("There is no results/vit/evidence/" + std::string(name) + ".json."),
                  std::string::npos)
            << name;
    folder.write("results/vit/evidence/accuracy.json", "{\"hf\": NaN}");
    EXPECT_NE(html().find("results/vit/evidence/accuracy.json&#39; is no valid JSON"),
              std::string::npos);
    evidence("samples", Json::array());
    EXPECT_NE(html().find("The evidence holds none."), std::string::npos);
}

TEST_F(Report, DocumentsOfTheWrongShapeBreakNothing) {
    for (const Json& document : {Json(5),
                                 Json("text"),
                                 Json::array({1, "a", nullptr}),
                                 Json(nullptr),
                                 Json(Json::object()),
                                 Json{{"metrics", 1},
                                      {"points", "x"},
                                      {"samples", 2},
                                      {"entries", 3},
                                      {"labels", 4},
                                      {"image", 5},
                                      {"hf", "x"}},
                                 Json{{"metrics", {1}},
                                      {"points", {1}},
                                      {"samples", {1}},
                                      {"entries", {1}},
                                      {"strategy", 1}}}) {
        for (const char* name :
             {"inspection", "weight_map", "accuracy", "training_curve", "samples"})
            evidence(name, document);
        EXPECT_EQ(write().at("verdict"), "proved") << document;
    }
}

TEST_F(Report, AccuracyStandsSideBySide) {
    evidence("accuracy",
             {{"metrics", {{{"name", "top-1"}, {"hf", 0.815}, {"tao", 0.815}, {"engine", 0.81}}}}});
    EXPECT_NE(html().find("<td>top-1</td><td class=\"number\">0.8150</td><td "
                          "class=\"number\">0.8150</td><td class=\"number\">0.8100</td>"
                          "<td class=\"number\">0.0050</td>"),
              std::string::npos);
    evidence("accuracy", {{"hf", {{"mAP", 0.4}}}, {"tao", {{"mAP", 0.4}}}});
    EXPECT_NE(html().find("<td>mAP</td><td class=\"number\">0.4000</td><td "
                          "class=\"number\">0.4000</td><td class=\"number\">–</td>"
                          "<td class=\"number\">0.0000</td>"),
              std::string::npos);
}

TEST_F(Report, TheCurveIsDrawnWithoutGaps) {
    evidence("training_curve",
             {{"points",
               {{{"epoch", 0}, {"loss", 2.0}},
                {{"epoch", 1}, {"loss", nullptr}},
                {{"epoch", 2}, {"loss", 1.0}}}}});
    const std::string page = html();
    EXPECT_NE(page.find("<polyline points=\"6.0,6.0 314.0,104.0\"/>"), std::string::npos);
    EXPECT_NE(page.find("epoch 0 to 2"), std::string::npos);
    EXPECT_EQ(times(page, "<polyline"), 1);
}

TEST_F(Report, SamplesCarryTheirImages) {
    folder.write("results/vit/a.png", png());
    folder.write("results/vit/b.png", "root:x:0:0:");
    folder.write("results/vit/c.svg", "<svg onload='x'/>");
    Json list = Json::array();
    for (const char* path : {"results/vit/a.png",
                             "/workspace/results/vit/a.png",
                             "results/vit/b.png",
                             "results/vit/c.svg",
                             "../../../../etc/passwd",
                             "/data/vit/a.png"})
        list.push_back({{"image", path},
                        {"label", "cat"},
                        {"hf", {{"label", "cat"}, {"score", 0.93}}},
                        {"tao", "cat"}});
    list[1]["tao"] = "dog";
    evidence("samples", list);
    const std::string page = html();
    EXPECT_EQ(times(page, "src=\"data:image/png;base64,iVBORw0KGgo"), 2);
    EXPECT_EQ(times(page, "image not available"), 4);
    EXPECT_EQ(times(page, "answers differ"), 1);
    EXPECT_NE(page.find("cat (0.93)"), std::string::npos);
    taohf::test::TemporaryFolder images;
    images.write("a.png", png());
    scope["paths"]["dataset"] = images.path().string();
    EXPECT_EQ(times(html(), "src=\"data:image/png;base64,"), 3);
}

TEST_F(Report, JunitHasOneTestcaseAGate) {
    state.phase(1).gates[0] = gate("G1.1", 1, false);
    state.phase(1).gates[1] = gate("G1.2", 1, false);
    state.approvals["G1.2"] = {"ann", "known", "2026-03-01T11:00:00Z"};
    state.phases.erase(state.phases.begin());
    const std::string xml = folder.read(write().at("junit"));
    EXPECT_NE(
        xml.find("<testsuites name=\"vit\" tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"2\">"),
        std::string::npos);
    EXPECT_EQ(times(xml, "<testcase "), 3);
    EXPECT_EQ(times(xml, "<failure "), 1);
    EXPECT_NE(xml.find("name=\"G0.1 title of G0.1\"><skipped message=\"not judged\"/>"),
              std::string::npos);
    EXPECT_NE(xml.find("red, let pass by ann: known"), std::string::npos);
}

TEST_F(Report, CommandsCanBePasted) {
    const auto document = parse_json(folder.read(write().at("json")), "report.json");
    const std::string run = document->at("commands").at(0).at("text");
    EXPECT_EQ(run,
              "taohf -C " + folder.path().string() +
                  " run org/model --name vit --profile tao --dataset '/data sets/it'\\''s' --set "
                  "epochs=3");
}

TEST_F(Report, LinksAreRelativeAndEncoded) {
    state.phase(1).gates[0].evidence = {"results/vit/a b\"&.json", "/data/vit/x.jpg", "../outside"};
    const std::string page = html();
    EXPECT_NE(page.find("href=\"../../../results/vit/a%20b%22%26.json\""), std::string::npos);
    EXPECT_EQ(times(page, "href=\"../../../../"), 0);
    EXPECT_NE(page.find("<span>/data/vit/x.jpg</span>"), std::string::npos);
}

TEST_F(Report, ASecretNeverReachesAFile) {
    real.secrets.add("hf_secret_token");
    state.phase(1).gates[0].observed = "denied for hf_secret_token";
    const Json written = write();
    for (const char* key : {"index", "markdown", "json", "junit"})
        EXPECT_EQ(folder.read(written.at(key)).find("hf_secret_token"), std::string::npos) << key;
}

TEST_F(Report, MarkdownHeadingsAndTablesStandApart) {
    state.phase(1).gates[0] = gate("G1.1", 1, false);
    state.phase(1).gates[1].emulated = true;
    evidence("accuracy", {{"hf", 0.5}, {"images", 500}});
    const std::string markdown = folder.read(write().at("markdown"));
    for (const char* part : {"\n## ",
                             "\n### ",
                             "\n| Gate | Expected",
                             "\n| Gate | Standing",
                             "\n| Metric",
                             "\nimages 500"}) {
        EXPECT_GT(times(markdown, part), 0) << part;
        EXPECT_EQ(times(markdown, part), times(markdown, std::string("\n") + part)) << part;
    }
}

TEST_F(Report, AMissingTemplateIsASpecError) {
    const auto written =
        write_report(real.host, folder.path(), state, phases, lang::Library::from_map({}), scope);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, ErrorCode::spec);
}

} // namespace
} // namespace taohf::actions
