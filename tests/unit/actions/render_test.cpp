// Which files a task's rows make: of templates, and copied as they are.
#include <taohf/actions/action.hpp>

#include <gtest/gtest.h>

#include "unit/container/scripted_docker.hpp"
#include "unit/hub/real_host.hpp"

namespace taohf::actions {
namespace {

constexpr const char* k_code = "x = '<% name %>'\n";

class Render : public testing::Test {
protected:
    void SetUp() override {
        folder_.write("results/model/modeling.py", k_code);
        folder_.write("results/model/__init__.py", "the snapshot's own");
        folder_.write("results/model/notes.txt", "no code");
    }

    template <typename Use> auto with_context(Use&& use) {
        Sessions sessions(real_.host, engine_, folder_.path(), "vit");
        Services services{real_.host,
                          engine_,
                          sessions,
                          templates_,
                          folder_.path(),
                          folder_.path() / ".taohf/vit",
                          "vit"};
        const Json scope = Json::object();
        const host::LineSink line = [](std::string_view, bool) {};
        StepContext context{
            services, scope, previous_, "render", line, {}, std::chrono::minutes(1)};
        return use(context);
    }

    static Json arguments(const std::string& from, bool has_code = true) {
        return {{"task", "dogs"},
                {"groups", {"trainer"}},
                {"with", {{"name", "vit"}, {"from", from}, {"has_code", has_code}}}};
    }

    Result<Json> render(const Json& arguments) {
        return with_context([&](StepContext& context) {
            return find_action("render")->execute(arguments, context);
        });
    }

    std::vector<state::Material> materials(const Json& arguments) {
        return with_context([&](StepContext& context) {
            return find_action("render")->materials(arguments, context).value();
        });
    }

    const lang::Library templates_ = lang::Library::from_map(
        {{"init.tmpl", "of <% name %>\n"},
         {"dogs/task.yaml",
          "files:\n"
          "  - {group: trainer, template: init.tmpl, repo: tao, to: \"code/__init__.py\"}\n"
          "  - {group: trainer, copy: \"*.py\", from: \"<% from %>\", repo: tao, to: \"code\", "
          "when: \"has_code == true\"}\n"},
         {"cats/task.yaml",
          "files: [{group: trainer, copy: py, from: results, repo: tao, to: code}]\n"}});
    test::TemporaryFolder folder_;
    test::RealHost real_;
    container::Engine engine_{real_.host};
    Json previous_ = Json::object();
};

TEST_F(Render, CopiesFilesAsTheyAre) {
    const auto done = render(arguments("results/model"));
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->at("files"), (Json{"tao/code/__init__.py", "tao/code/modeling.py"}));
    EXPECT_EQ(folder_.read("tao/code/modeling.py"), k_code);
    EXPECT_EQ(folder_.read("tao/code/__init__.py"), "of vit\n");
}

TEST_F(Render, ACopyIsMadeAnewWhenItsSourceChanges) {
    ASSERT_TRUE(render(arguments("results/model")));
    const auto before = materials(arguments("results/model"));
    EXPECT_EQ(materials(arguments("results/model")), before);
    folder_.write("results/model/modeling.py", "y = 1\n");
    EXPECT_NE(materials(arguments("results/model")), before);
    ASSERT_TRUE(render(arguments("results/model")));
    EXPECT_EQ(folder_.read("tao/code/modeling.py"), "y = 1\n");
}

TEST_F(Render, ACopyThatIsNotWantedAnyMoreGoes) {
    previous_ = render(arguments("results/model")).value();
    const auto done = render(arguments("results/model", false));
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->at("files"), (Json{"tao/code/__init__.py"}));
    EXPECT_FALSE(real_.files->stat(folder_.path() / "tao/code/modeling.py"));
}

TEST_F(Render, ACopyWithoutAnEndingIsASlip) {
    Json slip = arguments("results/model");
    slip["task"] = "cats";
    const auto done = render(slip);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::spec);
}

TEST_F(Render, NothingIsCopiedFromOutsideTheWorkspace) {
    const auto done = render(arguments("../elsewhere"));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::policy);
}

} // namespace
} // namespace taohf::actions
