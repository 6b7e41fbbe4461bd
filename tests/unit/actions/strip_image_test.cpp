// The image without the released packages: made once for a machine, not once for each workspace.
#include <taohf/actions/action.hpp>

#include <gtest/gtest.h>

#include "unit/container/scripted_host.hpp"

namespace taohf::actions {
namespace {

using container::FixedEnvironment;
using container::says;
using container::ScriptedDocker;
using container::ScriptedSocket;

class StripImage : public testing::Test, protected container::ScriptedHost {
protected:
    StripImage() {
        environment_.variables = {
            {"DOCKER_HOST", "tcp://127.0.0.1:1"}}; // no socket: the command line is asked
        docker_.rows = {{{"image inspect", "{{.Id}}", "tao:1"}, says("sha256:released\n")},
                        {{"docker create"}, says("c1\n")},
                        {{"docker start"}, says("c1\n")},
                        {{"container inspect", "Running"}, says("true\n")},
                        {{"container inspect", "{{json .State}}"},
                         says(R"({"Status":"running","Running":true})")},
                        {{"docker exec"}, says("")},
                        {{"docker rm"}, says("")},
                        {{"docker commit"}, says("sha256:stripped\n")}};
    }

    void tag_is(const std::string& id, const std::string& labels = "{}") {
        std::erase_if(docker_.rows,
                      [](const container::Row& row) { return row.words.back() == "tao-base:1"; });
        docker_.rows.insert(docker_.rows.begin(),
                            {{"image inspect", "{{.Id}}", "tao-base:1"}, says(id + "\n")});
        docker_.rows.insert(docker_.rows.begin(),
                            {{"image inspect", "Labels", "tao-base:1"}, says(labels + "\n")});
    }

    Result<Json> strip(const Json& packages = {"nvidia-tao-core"},
                       const Json& previous = Json::object()) {
        Sessions sessions(host_, engine_, "/ws", "vit");
        const lang::Library templates;
        Services services{host_, engine_, sessions, templates, "/ws", "/ws/.taohf/vit", "vit"};
        const Json scope = Json::object();
        const host::LineSink line = [](std::string_view, bool) {};
        StepContext context{
            services, scope, previous, "image-pytorch", line, {}, std::chrono::minutes(1)};
        return find_action("strip_image")
            ->execute({{"from", "tao:1"}, {"tag", "tao-base:1"}, {"uninstall", packages}}, context);
    }

    /// The label that the image made so far carries.
    std::string label() const {
        for (const auto& call : docker_.calls)
            for (const std::string& word : call.argv)
                if (const auto at = word.find("taohf.stripped="); at != std::string::npos)
                    return word.substr(at + 15);
        return "";
    }

    int made() const { return docker_.count({"docker commit"}); }
};

TEST_F(StripImage, UninstallsCommitsAndRemovesItsContainer) {
    tag_is("sha256:old");
    const auto outputs = strip();
    ASSERT_TRUE(outputs) << format_error(outputs.error());
    EXPECT_EQ(outputs->at("from_id"), "sha256:released");
    EXPECT_EQ(docker_.count({"docker exec", "uninstall", "nvidia-tao-core"}), 1);
    EXPECT_EQ(made(), 1);
    EXPECT_EQ(docker_.count({"docker rm", "c1"}), 1);
    EXPECT_EQ(label().size(), 64u);
}

TEST_F(StripImage, TakesWhatAnotherWorkspaceMadeOfTheSame) {
    tag_is("sha256:old");
    ASSERT_TRUE(strip());
    tag_is("sha256:theirs", R"({"taohf.stripped":")" + label() + R"("})");
    const auto outputs = strip();
    ASSERT_TRUE(outputs) << format_error(outputs.error());
    EXPECT_EQ(outputs->at("id"), "sha256:theirs");
    EXPECT_EQ(made(), 1) << "only the first";
    EXPECT_EQ(docker_.count({"docker create"}), 1);
}

TEST_F(StripImage, MakesItAnewOfOtherPackagesOrWhenOurOwnIsNotWanted) {
    tag_is("sha256:old");
    ASSERT_TRUE(strip());
    tag_is("sha256:theirs", R"({"taohf.stripped":")" + label() + R"("})");
    ASSERT_TRUE(strip({"nvidia-tao-core", "nvidia-tao-deploy"}));
    EXPECT_EQ(made(), 2);
    ASSERT_TRUE(strip({"nvidia-tao-core"}, {{"id", "sha256:theirs"}}));
    EXPECT_EQ(made(), 3) << "this port had it already and strips again: forced, or found wanting";
}

} // namespace
} // namespace taohf::actions
