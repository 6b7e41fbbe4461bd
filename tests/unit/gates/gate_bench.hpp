#pragma once

#include <taohf/base/digest.hpp>
#include <taohf/gates/gates.hpp>

#include <chrono>
#include <limits>
#include <string>

#include "unit/hub/real_host.hpp"

namespace taohf::gates::test {

/// A workspace on the real file system and a scope, in which one gate after another is judged.
class GateBench {
public:
    GateBench() {
        scope = {{"port", {{"name", "vit"}}},
                 {"steps", {{"train", {{"epochs", 3}, {"log", nullptr}}}}},
                 {"paths", {{"results", "results/vit"}, {"data", "/data/vit"}, {"dataset", ""}}}};
    }

    void write(const std::string& path, std::string_view bytes) { folder.write(path, bytes); }

    void remove(const std::string& path) { std::filesystem::remove(root() / path); }

    /// The file was last written this many seconds before now.
    void age(const std::string& path, int seconds) {
        std::filesystem::last_write_time(root() / path,
                                         std::filesystem::file_time_type::clock::now() -
                                             std::chrono::seconds(seconds));
    }

    const std::filesystem::path& root() const { return folder.path(); }

    GateContext context() { return {*files, root(), scope, {}}; }

    state::GateRecord judged(const Json& assertion) {
        phase::GateSpec gate;
        gate.id = "G1";
        gate.title = "a title";
        gate.step = "train";
        gate.assertion = assertion;
        return judge(gate, 3, context());
    }

    bool green(const Json& assertion) { return judged(assertion).passed; }

    /// The value as evidence on disk, judged by one matcher.
    bool
    green_on_disk(const std::string& document, const std::string& matcher, const Json& operand) {
        write("evidence.json", document);
        return green({{"json", "evidence.json"}, {"pointer", "/v"}, {matcher, operand}});
    }

    taohf::test::TemporaryFolder folder;
    std::unique_ptr<host::FileSystem> files = host::make_file_system();
    Json scope;
};

/// What the sandbox's emulation writes in front of an ONNX graph.
inline const std::string k_emulated = "TAOHF-EMULATED-TENSORRT-ENGINE\n{}";

inline std::vector<std::string> complaints(const Json& assertion) {
    phase::GateSpec gate;
    gate.id = "G1";
    gate.assertion = assertion;
    Diagnostics diagnostics;
    check(gate, diagnostics);
    std::vector<std::string> texts;
    for (const Diagnostic& diagnostic : diagnostics.all())
        texts.push_back(diagnostic.text + " " + diagnostic.hint);
    return texts;
}

} // namespace taohf::gates::test
