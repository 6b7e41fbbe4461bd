// config.json and preprocessor_config.json (behind the first NUL byte) to a decision: labels, image
// facts, task. What is accepted has sane sizes, and settings that run code are never portable.

#include <taohf/lang/node.hpp>

#include <fstream>
#include <iterator>

#include "../src/hub/image_facts.hpp"
#include "../src/hub/model_facts.hpp"
#include "target.hpp"

namespace {

taohf::Json family_table() {
    using namespace taohf;
    std::ifstream file(TAOHF_SOURCE_DIR "/templates/families.yaml", std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    Diagnostics diagnostics;
    const auto node = lang::read_yaml(text, "families.yaml", diagnostics);
    fuzz::require(node.has_value());
    return lang::to_json(*node);
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace taohf;
    static const Json table = family_table();
    const auto bytes = fuzz::bytes_of(data, size);
    const auto end = std::min(bytes.find('\0'), bytes.size());
    const auto rest = bytes.substr(std::min(end + 1, bytes.size()));
    auto config = parse_json(bytes.substr(0, end), "config.json");
    auto processor = parse_json(rest, "preprocessor_config.json");
    if (!config || !config->is_object())
        return 0;
    const auto model = hub::make_model_config(
        *config, processor && processor->is_object() ? *processor : Json::object());
    const auto labels = hub::read_labels(model);
    const auto decision =
        hub::decide_task(model, "org/model", labels ? labels->size() : 0, "", table);
    fuzz::require(model.remote_code.empty() || !decision.reason.empty());
    const auto allowed = hub::decide_task(
        model, "org/model", labels ? labels->size() : 0, "", table, {true, {"modeling.py"}});
    fuzz::require(model.forbidden_code.empty() || !allowed.reason.empty());
    fuzz::require(allowed.code_module.empty() || allowed.code_module == "modeling");
    fuzz::require(!decision.task.empty());
    const auto image = hub::image_facts(model, table);
    if (image) {
        fuzz::require(image->at("height").get<std::int64_t>() >= 1);
        fuzz::require(image->at("mean").size() == image->at("std").size());
        hub::estimate_facts(model, 1'000, {}, *image, table);
    }
    hub::trap_facts(model, table);
    hub::tao_backbones(model, table);
    hub::head_facts(model, decision, labels ? labels->size() : 0, {});
    return 0;
}
