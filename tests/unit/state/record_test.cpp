#include <taohf/state/record.hpp>

#include <gtest/gtest.h>

namespace taohf::state {
namespace {

PortState full_state() {
    PortState state;
    state.port = "vit_imagenet100";
    state.lineage = "0123456789abcdef";
    state.serial = 41;
    state.updated = "2026-03-01T12:00:00Z";
    state.inputs = {{"epochs", {{"value", 20}, {"from", "flag"}}}};
    state.approvals["4.license"] = {"ann", "read it", "2026-03-01T11:00:00Z"};
    StepRecord step;
    step.id = "4.1";
    step.outcome = "success";
    step.attempts = 2;
    step.seconds = 1.5;
    step.materials = {{"image", "tao:6.26.3", "sha256:aa"}};
    step.creates = {{"results/p/model.pth", "bb", 45120331, 1700000000123456789}};
    step.outputs = {{"accuracy", 0.774}};
    GateRecord gate;
    gate.id = "4.score";
    gate.phase = 4;
    gate.passed = true;
    gate.emulated = true;
    gate.evidence = {"results/p/evidence/score.json"};
    PhaseRecord& phase = state.phase(4);
    phase.conclusion = "success";
    phase.steps.push_back(step);
    phase.gates.push_back(gate);
    return state;
}

TEST(Record, JsonRoundTripKeepsEveryField) {
    const Json written = to_json(full_state());
    const auto read = state_from_json(written, "state.json");
    ASSERT_TRUE(read) << format_error(read.error());
    EXPECT_EQ(to_json(*read), written);
    EXPECT_EQ(read->phases.at(0).steps.at(0).creates.at(0).mtime_ns, 1700000000123456789);
    EXPECT_EQ(read->approvals.at("4.license").by, "ann");
}

TEST(Record, UnknownTopLevelFieldsAreKept) {
    Json document = to_json(full_state());
    document["later_field"] = {{"a", 1}};
    const auto read = state_from_json(document, "state.json");
    ASSERT_TRUE(read);
    EXPECT_EQ(to_json(*read).at("later_field"), (Json{{"a", 1}}));
}

TEST(Record, NewerSchemaIsRefusedByName) {
    Json document = to_json(full_state());
    document["schema"] = "taohf/state/v2";
    const auto read = state_from_json(document, "state.json");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::state);
    EXPECT_NE(read.error().message.find("taohf/state/v2"), std::string::npos);
    EXPECT_FALSE(read.error().next.empty());
}

struct Damage {
    const char* pointer;
    Json value; ///< null: the member is removed
    const char* expected;
};

TEST(Record, DamagedFieldsAreNamedWithTheirPlace) {
    const Damage damages[] = {
        {"/port", nullptr, "'port' is missing"},
        {"/lineage", 5, "'lineage' is not a string"},
        {"/serial", "41", "'serial' is not an integer"},
        {"/phases", Json::object(), "'phases' is not a list"},
        {"/phases/0/steps/0/id", nullptr, "'phases[0].steps[0].id' is missing"},
        {"/phases/0/steps/0/outcome", "done", "unknown value 'done'"},
        {"/phases/0/steps/0/creates/0", 7, "'phases[0].steps[0].creates[0]' is not an object"},
        {"/phases/0/gates/0/passed", 1, "'phases[0].gates[0].passed' is not true or false"},
        {"/phases/0/gates/0/evidence/0", 1, "'phases[0].gates[0].evidence[0]' is not a string"},
        {"/inputs", "x", "'inputs' is not an object"},
        {"/approvals/4.license/by", nullptr, "'approvals.4.license.by' is missing"},
    };
    for (const Damage& damage : damages) {
        Json document = to_json(full_state());
        const Json::json_pointer pointer(damage.pointer);
        if (damage.value.is_null())
            document.at(pointer.parent_pointer()).erase(pointer.back());
        else
            document.at(pointer) = damage.value;
        const auto read = state_from_json(document, "state.json");
        ASSERT_FALSE(read) << damage.pointer;
        EXPECT_EQ(read.error().code, ErrorCode::state);
        EXPECT_NE(read.error().message.find(damage.expected), std::string::npos)
            << read.error().message;
    }
}

TEST(Record, PhasesStayInOrderAndAreMadeOnce) {
    PortState state;
    state.phase(5).conclusion = "success";
    state.phase(2);
    state.phase(5);
    ASSERT_EQ(state.phases.size(), 2U);
    EXPECT_EQ(state.phases[0].phase, 2);
    EXPECT_EQ(state.phases[1].conclusion, "success");
    EXPECT_EQ(state.find_step("4.1"), nullptr);
}

} // namespace
} // namespace taohf::state
