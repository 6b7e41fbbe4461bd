#pragma once

#include <taohf/base/json.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace taohf::state {

/// Something a step depended on when it ran; a changed digest is a reason to run it again.
struct Material {
    std::string kind;   ///< "arguments", "input", "template", "image", "verb" ...
    std::string name;   ///< path, image tag or template name
    std::string digest; ///< sha256 hex, or image id
    bool operator==(const Material&) const = default;
};

/// A file or folder a step promised in `creates`.
struct Artefact {
    std::string path;   ///< relative to the workspace
    std::string sha256; ///< of a file; of the sorted list (path, sha256) of a folder
    std::uint64_t size = 0;
    std::int64_t mtime_ns = 0;
};

struct StepRecord {
    std::string id;
    std::string outcome = "pending"; ///< pending running success failure interrupted skipped
    std::string reason;              ///< why it ran, was skipped or failed
    int attempts = 0;
    double seconds = 0;
    std::string started;  ///< UTC
    std::string finished; ///< UTC
    std::string log;      ///< relative to the workspace
    std::vector<Material> materials;
    std::vector<Artefact> creates;
    Json outputs = Json::object(); ///< what the verb captured; visible as steps.<id>.<name>
};

struct Approval {
    std::string by;
    std::string reason;
    std::string time;
};

struct GateRecord {
    std::string id;
    int phase = 0;
    std::string step;
    std::string title;
    std::string severity;
    bool passed = false;
    bool emulated = false; ///< the evidence rests on an emulated engine or device
    std::string expected;
    std::string observed;
    std::vector<std::string> evidence; ///< paths relative to the workspace
};

struct PhaseRecord {
    int phase = 0;
    std::string conclusion = "not run"; ///< success failure interrupted skipped "not run"
    std::string reason;
    std::vector<StepRecord> steps;
    std::vector<GateRecord> gates;
};

/// One port: `.taohf/<port>/state.json`.
struct PortState {
    std::string port;
    std::string lineage; ///< 16 hex digits, made once
    std::uint64_t serial = 0;
    std::string updated; ///< UTC
    Json inputs =
        Json::object(); ///< model, task, dataset, strategy, profile, layout ... and their origin
    std::vector<PhaseRecord> phases;
    std::map<std::string, Approval> approvals; ///< by gate id
    Json unknown = Json::object();             ///< fields of a later minor version, kept on rewrite

    StepRecord* find_step(const std::string& id);
    const StepRecord* find_step(const std::string& id) const;
    PhaseRecord& phase(int number); ///< made when absent
};

Json to_json(const PortState& state);
/// STATE error when fields are missing or of the wrong type, or the schema's major is newer.
Result<PortState> state_from_json(const Json& document, const std::string& file);

Json to_json(const StepRecord& step);
Json to_json(const GateRecord& gate);

} // namespace taohf::state
