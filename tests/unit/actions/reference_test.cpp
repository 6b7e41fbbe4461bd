// What a task says, with the settings that a run was told or the task's own.
#include <taohf/actions/action.hpp>

#include <gtest/gtest.h>

#include "unit/container/scripted_host.hpp"

namespace taohf::actions {
namespace {

class Reference : public testing::Test, protected container::ScriptedHost {
protected:
    Result<Json> reference(const Json& arguments) {
        Sessions sessions(host_, engine_, "/ws", "vit");
        Services services{host_, engine_, sessions, templates_, "/ws", "/ws/.taohf/vit", "vit"};
        const Json scope = {{"port", {{"name", "vit"}}}};
        const Json previous = Json::object();
        const host::LineSink line = [](std::string_view, bool) {};
        StepContext context{
            services, scope, previous, "reference", line, {}, std::chrono::minutes(1)};
        return find_action("reference")->execute(arguments, context);
    }

    const lang::Library templates_ = lang::Library::from_map(
        {{"dogs/task.yaml",
          "id: dog-detection\n"
          "settings: {epochs: 2, batch_size: 4}\n"
          "commands: [\"name=${port.name}\", \"epochs=${settings.epochs}\"]\n"
          "tolerances: {engine: {fp32: 0.5}}\n"
          "files: [{template: a}]\n"}});
};

TEST_F(Reference, TakesTheTasksSettingsWhereNothingWasAskedFor) {
    const auto found = reference(
        {{"task", "dog-detection"}, {"settings", {{"epochs", nullptr}, {"batch_size", ""}}}});
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->at("folder"), "dogs");
    EXPECT_EQ(found->at("settings"), (Json{{"epochs", 2}, {"batch_size", 4}}));
    EXPECT_EQ(found->at("task").at("commands"), (Json{"name=vit", "epochs=2"}));
    EXPECT_FALSE(found->at("task").contains("files"));
}

TEST_F(Reference, WhatWasAskedForWins) {
    const auto found = reference({{"task", "dog-detection"}, {"settings", {{"epochs", 7}}}});
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->at("task").at("commands").at(1), "epochs=7");
    EXPECT_EQ(found->at("settings").at("batch_size"), 4);
}

TEST_F(Reference, ASettingThatTheTaskLacksIsASlip) {
    const auto found = reference({{"task", "dog-detection"}, {"settings", {{"dropout", 1}}}});
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, ErrorCode::spec);
}

TEST_F(Reference, PicksAValueByItsPlace) {
    const auto found =
        reference({{"task", "dog-detection"}, {"pick", {{"tolerance", "tolerances.engine.fp32"}}}});
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->at("tolerance"), 0.5);
}

TEST_F(Reference, AnUnknownTaskNamesThoseThereAre) {
    const auto found = reference({{"task", "cat-detection"}});
    ASSERT_FALSE(found);
    EXPECT_NE(found.error().message.find("dogs"), std::string::npos);
}

} // namespace
} // namespace taohf::actions
