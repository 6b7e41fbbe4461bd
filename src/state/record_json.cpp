#include <taohf/state/record.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace taohf::state {

namespace {

constexpr std::string_view k_schema = "taohf/state/v1";
constexpr std::string_view k_schema_family = "taohf/state/v";
constexpr std::array<std::string_view, 8> k_known_fields = {
    "schema", "port", "lineage", "serial", "updated", "inputs", "phases", "approvals"};

/// Reads members of one object and remembers the first that is missing or of the wrong type.
class FieldReader final {
public:
    FieldReader(const Json& object, std::string place, std::string& problem)
        : object_(object), place_(std::move(place)), problem_(problem) {
        if (!object_.is_object())
            report("is not an object", "");
    }

    void text(const char* key, std::string& target, bool required = false) {
        if (const Json* value = member(key, required, &Json::is_string, "a string"))
            target = value->get<std::string>();
    }

    void number(const char* key, double& target) {
        if (const Json* value = member(key, false, &Json::is_number, "a number"))
            target = value->get<double>();
    }

    template <class Integer> void integer(const char* key, Integer& target, bool required = false) {
        if (const Json* value = member(key, required, &Json::is_number_integer, "an integer"))
            target = value->get<Integer>();
    }

    void flag(const char* key, bool& target, bool required = false) {
        if (const Json* value = member(key, required, &Json::is_boolean, "true or false"))
            target = value->get<bool>();
    }

    void object(const char* key, Json& target) {
        if (const Json* value = member(key, false, &Json::is_object, "an object"))
            target = *value;
    }

    /// Calls read(element, place) for each element.
    template <class Read> void list(const char* key, const Read& read, bool required = false) {
        const Json* value = member(key, required, &Json::is_array, "a list");
        for (std::size_t i = 0; value != nullptr && i < value->size(); ++i)
            read((*value)[i], place_of(key) + "[" + std::to_string(i) + "]");
    }

    std::string& problem() { return problem_; }

private:
    using Test = bool (Json::*)() const noexcept;

    const Json* member(const char* key, bool required, Test test, const char* wanted) {
        if (!object_.is_object())
            return nullptr;
        const auto found = object_.find(key);
        if (found == object_.end()) {
            if (required)
                report("is missing", key);
            return nullptr;
        }
        if (((*found).*test)())
            return &*found;
        report(std::string("is not ") + wanted, key);
        return nullptr;
    }

    std::string place_of(const std::string& key) const {
        return place_.empty() || key.empty() ? place_ + key : place_ + "." + key;
    }

    void report(const std::string& what, const std::string& key) {
        if (problem_.empty())
            problem_ = "field '" + place_of(key) + "' " + what;
    }

    const Json& object_;
    std::string place_;
    std::string& problem_;
};

void require_one_of(FieldReader& fields,
                    const std::string& value,
                    std::initializer_list<std::string_view> allowed,
                    const std::string& place) {
    if (fields.problem().empty() &&
        std::find(allowed.begin(), allowed.end(), value) == allowed.end())
        fields.problem() = "field '" + place + "' has the unknown value '" + value + "'";
}

Material read_material(const Json& json, const std::string& place, std::string& problem) {
    Material material;
    FieldReader fields(json, place, problem);
    fields.text("kind", material.kind, true);
    fields.text("name", material.name, true);
    fields.text("digest", material.digest, true);
    return material;
}

Artefact read_artefact(const Json& json, const std::string& place, std::string& problem) {
    Artefact artefact;
    FieldReader fields(json, place, problem);
    fields.text("path", artefact.path, true);
    fields.text("sha256", artefact.sha256, true);
    fields.integer("size", artefact.size);
    fields.integer("mtime_ns", artefact.mtime_ns);
    return artefact;
}

StepRecord read_step(const Json& json, const std::string& place, std::string& problem) {
    StepRecord step;
    FieldReader fields(json, place, problem);
    fields.text("id", step.id, true);
    fields.text("outcome", step.outcome, true);
    fields.text("reason", step.reason);
    fields.integer("attempts", step.attempts);
    fields.number("seconds", step.seconds);
    fields.text("started", step.started);
    fields.text("finished", step.finished);
    fields.text("log", step.log);
    fields.list("materials", [&](const Json& element, const std::string& where) {
        step.materials.push_back(read_material(element, where, problem));
    });
    fields.list("creates", [&](const Json& element, const std::string& where) {
        step.creates.push_back(read_artefact(element, where, problem));
    });
    fields.object("outputs", step.outputs);
    require_one_of(fields,
                   step.outcome,
                   {"pending", "running", "success", "failure", "interrupted", "skipped"},
                   place + ".outcome");
    return step;
}

GateRecord read_gate(const Json& json, const std::string& place, std::string& problem) {
    GateRecord gate;
    FieldReader fields(json, place, problem);
    fields.text("id", gate.id, true);
    fields.integer("phase", gate.phase);
    fields.text("step", gate.step);
    fields.text("title", gate.title);
    fields.text("severity", gate.severity);
    fields.flag("passed", gate.passed, true);
    fields.flag("emulated", gate.emulated);
    fields.text("expected", gate.expected);
    fields.text("observed", gate.observed);
    fields.list("evidence", [&](const Json& element, const std::string& where) {
        if (element.is_string())
            gate.evidence.push_back(element.get<std::string>());
        else if (problem.empty())
            problem = "field '" + where + "' is not a string";
    });
    return gate;
}

PhaseRecord read_phase(const Json& json, const std::string& place, std::string& problem) {
    PhaseRecord phase;
    FieldReader fields(json, place, problem);
    fields.integer("phase", phase.phase, true);
    fields.text("conclusion", phase.conclusion, true);
    fields.text("reason", phase.reason);
    fields.list("steps", [&](const Json& element, const std::string& where) {
        phase.steps.push_back(read_step(element, where, problem));
    });
    fields.list("gates", [&](const Json& element, const std::string& where) {
        phase.gates.push_back(read_gate(element, where, problem));
    });
    return phase;
}

void read_approvals(const Json& approvals, PortState& state, std::string& problem) {
    for (const auto& [gate, json] : approvals.items()) {
        Approval& approval = state.approvals[gate];
        FieldReader fields(json, "approvals." + gate, problem);
        fields.text("by", approval.by, true);
        fields.text("reason", approval.reason);
        fields.text("time", approval.time);
    }
}

PortState read_state(const Json& document, std::string& problem) {
    PortState state;
    FieldReader fields(document, "", problem);
    fields.text("port", state.port, true);
    fields.text("lineage", state.lineage, true);
    fields.integer("serial", state.serial, true);
    fields.text("updated", state.updated);
    fields.object("inputs", state.inputs);
    fields.list(
        "phases",
        [&](const Json& element, const std::string& where) {
            state.phases.push_back(read_phase(element, where, problem));
        },
        true);
    Json approvals = Json::object();
    fields.object("approvals", approvals);
    read_approvals(approvals, state, problem);
    for (const auto& [key, value] : document.items())
        if (std::find(k_known_fields.begin(), k_known_fields.end(), key) == k_known_fields.end())
            state.unknown[key] = value;
    return state;
}

Status check_schema(const Json& document, const std::string& file) {
    const auto schema = document.is_object() ? document.find("schema") : document.end();
    if (!document.is_object() || schema == document.end() || !schema->is_string())
        return fail(ErrorCode::state, file + " is not a taohf state file: it has no 'schema'");
    const auto name = schema->get<std::string>();
    if (name == k_schema)
        return {};
    if (name.starts_with(k_schema_family))
        return fail(ErrorCode::state,
                    file + " has the schema " + name + "; this taohf reads " +
                        std::string(k_schema),
                    "install the taohf version that wrote this state, or a later one");
    return fail(ErrorCode::state,
                file + " has the schema '" + name + "', which is not a taohf state file");
}

/// Builds an object member by member; initializer lists would copy every nested value.
class ObjectWriter final {
public:
    template <class Value> ObjectWriter& add(const char* key, Value&& value) {
        members().emplace_back(key, std::forward<Value>(value));
        return *this;
    }

    Json take() { return std::move(object_); }

private:
    /// As a vector, since the keys are literals and known to differ.
    std::vector<std::pair<const std::string, Json>>& members() {
        return object_.get_ref<Json::object_t&>();
    }

    Json object_ = Json::object();
};

template <class Records, class Write> Json list_of(const Records& records, const Write& write) {
    Json list = Json::array();
    list.get_ref<Json::array_t&>().reserve(records.size());
    for (const auto& record : records)
        list.push_back(write(record));
    return list;
}

Json write_material(const Material& material) {
    return ObjectWriter()
        .add("kind", material.kind)
        .add("name", material.name)
        .add("digest", material.digest)
        .take();
}

Json write_artefact(const Artefact& artefact) {
    return ObjectWriter()
        .add("path", artefact.path)
        .add("sha256", artefact.sha256)
        .add("size", artefact.size)
        .add("mtime_ns", artefact.mtime_ns)
        .take();
}

Json write_phase(const PhaseRecord& phase) {
    return ObjectWriter()
        .add("phase", phase.phase)
        .add("conclusion", phase.conclusion)
        .add("reason", phase.reason)
        .add("steps", list_of(phase.steps, [](const StepRecord& step) { return to_json(step); }))
        .add("gates", list_of(phase.gates, [](const GateRecord& gate) { return to_json(gate); }))
        .take();
}

} // namespace

Json to_json(const StepRecord& step) {
    return ObjectWriter()
        .add("id", step.id)
        .add("outcome", step.outcome)
        .add("reason", step.reason)
        .add("attempts", step.attempts)
        .add("seconds", step.seconds)
        .add("started", step.started)
        .add("finished", step.finished)
        .add("log", step.log)
        .add("materials", list_of(step.materials, write_material))
        .add("creates", list_of(step.creates, write_artefact))
        .add("outputs", step.outputs)
        .take();
}

Json to_json(const GateRecord& gate) {
    return ObjectWriter()
        .add("id", gate.id)
        .add("phase", gate.phase)
        .add("step", gate.step)
        .add("title", gate.title)
        .add("severity", gate.severity)
        .add("passed", gate.passed)
        .add("emulated", gate.emulated)
        .add("expected", gate.expected)
        .add("observed", gate.observed)
        .add("evidence", gate.evidence)
        .take();
}

Json to_json(const PortState& state) {
    Json approvals = Json::object();
    for (const auto& [gate, approval] : state.approvals)
        approvals[gate] = {
            {"by", approval.by}, {"reason", approval.reason}, {"time", approval.time}};
    Json document = ObjectWriter()
                        .add("schema", k_schema)
                        .add("port", state.port)
                        .add("lineage", state.lineage)
                        .add("serial", state.serial)
                        .add("updated", state.updated)
                        .add("inputs", state.inputs)
                        .add("phases", list_of(state.phases, write_phase))
                        .add("approvals", std::move(approvals))
                        .take();
    for (const auto& [key, value] : state.unknown.items())
        document[key] = value;
    return document;
}

Result<PortState> state_from_json(const Json& document, const std::string& file) {
    TAOHF_TRY(check_schema(document, file));
    std::string problem;
    PortState state = read_state(document, problem);
    if (!problem.empty())
        return fail(ErrorCode::state, file + ": " + problem);
    return state;
}

} // namespace taohf::state
