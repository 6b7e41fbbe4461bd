#include <taohf/base/text.hpp>
#include <taohf/container/spec.hpp>

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace taohf::container {
namespace {

/// One argument a line; tests/golden/container/<name>.
std::string golden(const std::string& name) {
    std::ifstream file(std::string(TAOHF_SOURCE_DIR) + "/tests/golden/container/" + name);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string lines(const std::vector<std::string>& argv) {
    return text::join(argv, "\n") + "\n";
}

ContainerSpec session() {
    ContainerSpec spec;
    spec.name = "taohf-vit-pytorch-0123456789ab";
    spec.image = "taohf-sandbox/pytorch:6.26.3";
    spec.labels = {{"taohf", "1"}, {"taohf.workspace", "0123456789ab"}};
    spec.mounts = {{"/home/a b/tao-core", "/workspace/tao-core", false},
                   {"/data/one,two \"three\"", "/data/vit", true}};
    spec.tmpfs = {"/workspace/tao-core/.git"};
    spec.environment = {{"HOME", "/tmp/home"}, {"NOTE", "a=b c"}};
    spec.inherited_environment = {"SECRET_NAME"};
    spec.user = "1000:1000";
    spec.gpus = "device=0,1";
    spec.memory = "8g";
    spec.working_directory = "/workspace/results/vit";
    spec.argv = {"sleep", "infinity"};
    return spec;
}

TEST(Argv, CreateWithEverything) {
    EXPECT_EQ(lines(create_argv(session())), golden("create_full.argv"));
}

TEST(Argv, CreateWithLittleIsStillWithoutNetwork) {
    ContainerSpec spec;
    spec.image = "sha256:aa";
    EXPECT_EQ(lines(create_argv(spec)), golden("create_least.argv"));
}

TEST(Argv, Exec) {
    ExecSpec spec;
    spec.container = "0123";
    spec.argv = {"python3", "-c", "print('$HOME; rm -rf x')"};
    spec.environment = {{"OMP_NUM_THREADS", "2"}};
    spec.inherited_environment = {"SECRET_NAME"};
    spec.working_directory = "/workspace/tao-pytorch";
    EXPECT_EQ(lines(exec_argv(spec)), golden("exec.argv"));
}

TEST(Argv, ShellLineQuotesOnlyWhatNeedsIt) {
    EXPECT_EQ(shell_line({"docker", "exec", "-e", "A=b", "it's", "", "$x", "a b"}),
              "docker exec -e A=b 'it'\\''s' '' '$x' 'a b'");
}

} // namespace
} // namespace taohf::container
