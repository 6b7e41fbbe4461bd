// What makes a step run again.
#include <taohf/engine/planner.hpp>

#include <gtest/gtest.h>

#include "unit/container/scripted_host.hpp"

namespace taohf::engine {
namespace {

class Planner : public testing::Test, protected container::ScriptedHost {
protected:
    /// Materials of a step that names a value, by a verb of this revision.
    std::vector<state::Material> materials_of(int revision) {
        actions::Action action = *actions::find_action("define");
        action.revision = revision;
        phase::StepSpec step;
        step.id = "a";
        step.verb = "define";
        step.arguments = {{"values", {{"v", 1}}}};
        actions::Sessions sessions(host_, engine_, "/ws", "vit");
        const lang::Library templates;
        actions::Services services{
            host_, engine_, sessions, templates, "/ws", "/ws/.taohf/vit", "vit"};
        const Json scope = Json::object();
        const host::LineSink line = [](std::string_view, bool) {};
        const actions::StepContext context{
            services, scope, scope, "a", line, {}, std::chrono::minutes(1)};
        actions::DigestCache digests(*files_, "/ws/digests");
        const auto measured = measure(step, action, context, digests);
        EXPECT_TRUE(measured) << measured.error().message;
        return measured ? measured->materials() : std::vector<state::Material>{};
    }

    static state::StepRecord success_with(std::vector<state::Material> materials) {
        state::StepRecord record;
        record.outcome = "success";
        record.materials = std::move(materials);
        return record;
    }
};

using Words = std::vector<std::string>;

TEST_F(Planner, NothingChangedNothingRuns) {
    for (const int revision : {1, 2}) {
        const auto record = success_with(materials_of(revision));
        EXPECT_EQ(reasons_to_run(&record, materials_of(revision), {}), Words{});
    }
}

TEST_F(Planner, AVerbThatTellsOtherValuesRunsAgain) {
    auto record = success_with(materials_of(1));
    EXPECT_EQ(reasons_to_run(&record, materials_of(2), {}), Words{"verb define is new"});
    record = success_with(materials_of(2));
    EXPECT_EQ(reasons_to_run(&record, materials_of(3), {}), Words{"verb define changed"});
}

} // namespace
} // namespace taohf::engine
