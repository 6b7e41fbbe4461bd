// The order of steps: what waits for what, what runs side by side, and what a failure leaves.
#include <taohf/engine/runner.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "unit/container/scripted_host.hpp"

namespace taohf::engine {
namespace {

/// Keeps who started and who ended, in order.
class Recorder final : public Reporter {
public:
    void run_started(const std::string&, const Json&) override {}

    void phase_started(const phase::PhaseSpec&) override {}

    void step_started(const phase::StepSpec& step, const std::string&) override {
        said.push_back("+" + step.id);
    }

    void step_output(const std::string&, std::string_view) override {}

    void step_finished(const phase::StepSpec& step, const state::StepRecord& record) override {
        said.push_back((record.outcome == "success" ? "-" : "!") + step.id);
    }

    void step_passed_over(const phase::StepSpec& step, const std::string&) override {
        said.push_back("=" + step.id);
    }

    void gate_judged(const state::GateRecord&) override {}

    void phase_finished(const phase::PhaseSpec&, const state::PhaseRecord&) override {}

    void run_finished(const std::string&) override {}

    std::ptrdiff_t place(const std::string& word) const {
        return std::ranges::find(said, word) - said.begin();
    }

    std::vector<std::string> said;
};

class RunnerOrder : public testing::Test, protected container::ScriptedHost {
protected:
    RunnerOrder() {
        std::filesystem::create_directories(folder_);
        environment_.variables = {{"DOCKER_HOST", "tcp://127.0.0.1:1"}};
    }

    ~RunnerOrder() override { std::filesystem::remove_all(folder_); }

    /// A step that names a value; one whose value is "${nothing}" cannot.
    static std::string
    step(const std::string& id, const std::string& more = "", const std::string& value = "x") {
        return "  - id: " + id + "\n" + more + "    define: { values: { v: \"" + value + "\" } }\n";
    }

    Status
    run(const std::string& steps, std::size_t jobs, const RunOptions& options = {0, 0, false, ""}) {
        Diagnostics diagnostics;
        auto phase = phase::decode_phase(
            "schema: taohf/phase/v1\nphase: 0\nid: order\ntitle: Order\nsteps:\n" + steps,
            "0-order.yaml",
            {"define", "snapshot"},
            diagnostics);
        EXPECT_TRUE(phase) << diagnostics.to_error().message;
        const std::vector<phase::PhaseSpec> phases = {*phase};
        auto store = state::StateStore::open(host_, folder_, "vit");
        EXPECT_TRUE(store) << store.error().message;
        actions::Sessions sessions(host_, engine_, folder_, "vit");
        const lang::Library templates;
        recorder_.said.clear();
        Runner runner({host_, engine_, sessions, templates, folder_, folder_ / ".taohf/vit", "vit"},
                      phases,
                      *store,
                      recorder_,
                      {{"inputs", {{"jobs", jobs}}}});
        return runner.run(options, {});
    }

    const host::Path folder_ =
        std::filesystem::temp_directory_path() / ("taohf-runner-" + std::to_string(::getpid()));
    Recorder recorder_;
};

using Words = std::vector<std::string>;

TEST_F(RunnerOrder, WithOnePlaceStepsRunOneAfterTheOther) {
    ASSERT_TRUE(run(step("a") + step("b", "    after: []\n") + step("c"), 1));
    EXPECT_EQ(recorder_.said, (Words{"+a", "-a", "+b", "-b", "+c", "-c"}));
}

TEST_F(RunnerOrder, AStepThatWaitsForNothingStartsBesideAnother) {
    ASSERT_TRUE(run(step("a") + step("b", "    after: []\n") + step("c"), 2));
    EXPECT_EQ(recorder_.said[0], "+a");
    EXPECT_EQ(recorder_.said[1], "+b");
    EXPECT_GT(recorder_.place("+c"), std::max(recorder_.place("-a"), recorder_.place("-b")));
}

TEST_F(RunnerOrder, AStepWaitsForThoseItNames) {
    ASSERT_TRUE(run(step("a") + step("b", "    after: [a]\n") + step("c", "    after: []\n"), 3));
    EXPECT_LT(recorder_.place("-a"), recorder_.place("+b"));
    EXPECT_LT(recorder_.place("+c"), recorder_.place("+b"));
}

TEST_F(RunnerOrder, AStepSeesTheValuesOfThoseBeforeIt) {
    ASSERT_TRUE(run(step("a") + step("b", "    after: [a]\n", "${steps.a.values.v}"), 2));
    EXPECT_EQ(recorder_.place("-b"), 3);
}

TEST_F(RunnerOrder, AfterAFailureNothingNewStarts) {
    const Status status = run(
        step("a") + "  - id: b\n    snapshot: { model: ./nowhere, to: model }\n" + step("c"), 2);
    ASSERT_FALSE(status);
    EXPECT_EQ(recorder_.said, (Words{"+a", "-a", "+b", "!b"}));
}

TEST_F(RunnerOrder, WhatRunsBesideAFailureIsKept) {
    ASSERT_FALSE(run("  - id: a\n    snapshot: { model: ./nowhere, to: model }\n" +
                         step("b", "    after: []\n"),
                     2));
    EXPECT_LT(recorder_.place("-b"), std::ssize(recorder_.said));
    ASSERT_FALSE(run("  - id: a\n    snapshot: { model: ./nowhere, to: model }\n" +
                         step("b", "    after: []\n"),
                     2));
    EXPECT_LT(recorder_.place("=b"), std::ssize(recorder_.said));
}

TEST_F(RunnerOrder, ASecondRunPassesOverWhatIsUpToDate) {
    const std::string steps = step("a") + step("b", "    after: []\n");
    ASSERT_TRUE(run(steps, 2));
    ASSERT_TRUE(run(steps, 2));
    EXPECT_EQ(recorder_.said, (Words{"=a", "=b"}));
}

TEST_F(RunnerOrder, FromAStepOnEverythingRunsAgain) {
    const std::string steps = step("a") + step("b") + step("c");
    ASSERT_TRUE(run(steps, 2));
    ASSERT_TRUE(run(steps, 2, {0, 0, false, "b"}));
    EXPECT_EQ(recorder_.said, (Words{"=a", "+b", "-b", "+c", "-c"}));
}

TEST_F(RunnerOrder, RecordsStandInTheOrderOfTheFile) {
    ASSERT_FALSE(
        run(step("a", "    after: []\n") +
                "  - id: b\n    after: []\n    snapshot: { model: ./nowhere, to: model }\n" +
                step("c", "    after: []\n"),
            3));
    const auto state = state::StateStore::peek(host_, folder_, "vit");
    ASSERT_TRUE(state && *state);
    Words ids;
    for (const auto& record : (*state)->phases.at(0).steps)
        ids.push_back(record.id);
    EXPECT_EQ(ids, (Words{"a", "b", "c"}));
}

} // namespace
} // namespace taohf::engine
