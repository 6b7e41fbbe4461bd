#include <taohf/base/digest.hpp>
#include <taohf/base/text.hpp>
#include <taohf/container/engine.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

namespace taohf::container {
namespace {

using namespace std::chrono_literals;

/// The image: $TAOHF_TEST_IMAGE or the sandbox's base. Any with sh, sleep, ps-less /proc and tail.
std::string image() {
    const char* name = std::getenv("TAOHF_TEST_IMAGE");
    return name == nullptr ? "taohf-sandbox/base:trixie" : name;
}

/// A real docker daemon; each test skips when there is none or the image is missing.
class EngineDockerTest : public testing::Test {
protected:
    void SetUp() override {
        const auto ids = engine_.image_ids({image()});
        if (!ids || ids->empty())
            GTEST_SKIP() << "no docker daemon or no image " << image();
        folder_ = std::filesystem::temp_directory_path() / label_;
        std::filesystem::create_directories(folder_);
        std::filesystem::permissions(folder_, std::filesystem::perms::all);
    }

    void TearDown() override {
        if (folder_.empty())
            return;
        EXPECT_TRUE(engine_.reap("taohf.test=" + label_));
        std::filesystem::remove_all(folder_);
    }

    ContainerSpec session() const {
        ContainerSpec spec;
        spec.name = label_;
        spec.image = image();
        spec.labels = {{"taohf", "1"}, {"taohf.workspace", label_}, {"taohf.test", label_}};
        spec.user = "1000:1000";
        spec.mounts = {{folder_.string(), "/mnt", true}};
        spec.argv = {"sleep", "infinity"};
        return spec;
    }

    std::string start(const ContainerSpec& spec) {
        auto id = engine_.start_session(spec);
        EXPECT_TRUE(id) << format_error(id.error());
        return id.value_or("");
    }

    ExecExit run(const std::string& id,
                 const std::string& script,
                 std::optional<std::chrono::milliseconds> timeout = 60s,
                 std::stop_token stop = {}) {
        ExecSpec spec;
        spec.container = id;
        spec.argv = {"sh", "-c", script};
        auto exit = engine_.exec(spec, timeout, {}, stop);
        EXPECT_TRUE(exit) << format_error(exit.error());
        return exit.value_or(ExecExit{});
    }

    /// Number of processes inside whose command line contains the word.
    std::string count(const std::string& id, const std::string& word) {
        return run(id,
                   "n=0; for f in /proc/[0-9]*/cmdline; do [ $f = /proc/$$/cmdline ] || "
                   "! tr '\\0' ' ' <$f 2>/dev/null | grep -q '" +
                       word + "' || n=$((n+1)); done; echo $n")
            .tail;
    }

    const std::string label_ = "taohf-test-" + random_hex(8);
    std::filesystem::path folder_;
    std::unique_ptr<host::FileSystem> files_ = host::make_file_system();
    std::unique_ptr<host::ProcessRunner> processes_ = host::make_process_runner();
    std::unique_ptr<host::Http> http_ = host::make_curl_http();
    std::unique_ptr<host::Clock> clock_ = host::make_clock();
    std::unique_ptr<host::Environment> environment_ = host::make_environment();
    SecretMask secrets_;
    host::Host host_{*files_, *processes_, *http_, *clock_, *environment_, secrets_};
    Engine engine_{host_};
};

TEST_F(EngineDockerTest, ProbeAndImageIdAgreeWithTheCommandLine) {
    const auto facts = engine_.probe();
    ASSERT_TRUE(facts) << format_error(facts.error());
    EXPECT_FALSE(facts->version.empty());
    EXPECT_FALSE(facts->data_root.empty());
    const auto ids = engine_.image_ids({image(), "taohf-test/absent:0"});
    ASSERT_TRUE(ids);
    EXPECT_EQ(ids->size(), 1U);
    Engine by_path(host_, "/usr/bin/env"); // not "docker": the socket is not asked
    EXPECT_FALSE(by_path.image_ids({image()}));
    host::ProcessSpec inspect;
    inspect.argv = {"docker", "image", "inspect", "--format", "{{.Id}}", image()};
    EXPECT_EQ(text::trim(processes_->run(inspect)->out), ids->at(image()));
}

TEST_F(EngineDockerTest, ExecGivesLinesExitCodeAndEnvironment) {
    const std::string id = start(session());
    EXPECT_TRUE(engine_.is_running(id));
    ExecSpec spec;
    spec.container = id;
    spec.argv = {"sh", "-c", "echo \"$NOTE\"; echo bad >&2; pwd; exit 7"};
    spec.environment = {{"NOTE", "a b"}};
    spec.working_directory = "/tmp";
    std::vector<std::string> out;
    std::vector<std::string> err;
    const auto exit = engine_.exec(
        spec,
        60s,
        [&](std::string_view line, bool is_error) { (is_error ? err : out).emplace_back(line); },
        {});
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->end, ExecEnd::exited);
    EXPECT_EQ(exit->code, 7);
    EXPECT_EQ(out, (std::vector<std::string>{"a b", "/tmp"}));
    EXPECT_EQ(err, std::vector<std::string>{"bad"});
}

TEST_F(EngineDockerTest, ASecretReachesTheProgram) {
    secrets_.add("hf_verysecretvalue");
    const std::string id = start(session());
    ExecSpec spec;
    spec.container = id;
    spec.argv = {"sh", "-c", "[ \"$TOKEN\" = hf_verysecretvalue ]"};
    spec.environment = {{"TOKEN", "hf_verysecretvalue"}};
    EXPECT_EQ(engine_.exec(spec, 60s, {}, {})->code, 0);
}

TEST_F(EngineDockerTest, ATimeoutEndsTheProcessesInside) {
    const std::string id = start(session());
    const ExecExit exit = run(id, "sleep 1234 & sleep 1234; echo after", 500ms);
    EXPECT_EQ(exit.end, ExecEnd::timed_out);
    EXPECT_EQ(count(id, "sleep 1234"), "0");
    EXPECT_TRUE(engine_.is_running(id)) << "the container goes on";
}

TEST_F(EngineDockerTest, AStopEndsTheProcessesInside) {
    const std::string id = start(session());
    std::stop_source stop;
    std::jthread later([&] {
        std::this_thread::sleep_for(500ms);
        stop.request_stop();
    });
    const ExecExit exit = run(id, "sleep 1234", 60s, stop.get_token());
    EXPECT_EQ(exit.end, ExecEnd::cancelled);
    EXPECT_EQ(count(id, "sleep 1234"), "0");
}

TEST_F(EngineDockerTest, AProcessThatIgnoresTheInterruptIsKilled) {
    const std::string id = start(session());
    const ExecExit exit = run(id, "trap '' INT; while :; do sleep 0.3; done # stubborn", 500ms);
    EXPECT_EQ(exit.end, ExecEnd::timed_out);
    EXPECT_EQ(count(id, "stubborn"), "0");
}

TEST_F(EngineDockerTest, OutOfMemoryIsToldApartFromKilled) {
    ContainerSpec spec = session();
    spec.memory = "48m";
    const std::string id = start(spec);
    EXPECT_EQ(run(id, "kill -KILL $$").end, ExecEnd::killed);
    EXPECT_EQ(run(id, "exit 3").end, ExecEnd::exited);
    EXPECT_EQ(run(id, "tail /dev/zero").end, ExecEnd::out_of_memory);
    EXPECT_EQ(run(id, "exit 3").end, ExecEnd::exited) << "an earlier kill is not this one's";
}

TEST_F(EngineDockerTest, AMissingProgramAndAGoneSessionAreNamed) {
    const std::string id = start(session());
    ExecSpec spec;
    spec.container = id;
    spec.argv = {"no-such-program"};
    const auto missing = engine_.exec(spec, 60s, {}, {});
    ASSERT_TRUE(missing);
    EXPECT_EQ(missing->code, 127);
    EXPECT_NE(missing->tail.find("'no-such-program' was not found"), std::string::npos);
    ASSERT_TRUE(engine_.remove(id));
    EXPECT_FALSE(engine_.is_running(id));
    EXPECT_EQ(engine_.exec(spec, 60s, {}, {})->end, ExecEnd::container_gone);
}

TEST_F(EngineDockerTest, NetworkNoneAndReadOnlyMountsHold) {
    std::ofstream(folder_ / "seen") << "data";
    const std::string id = start(session());
    EXPECT_EQ(run(id, "cat /mnt/seen").tail, "data");
    EXPECT_NE(run(id, "echo x > /mnt/new").code, 0);
    EXPECT_FALSE(std::filesystem::exists(folder_ / "new"));
    EXPECT_EQ(run(id, "ls /sys/class/net").tail, "lo");
}

TEST_F(EngineDockerTest, TheNameOfADeadRunIsTakenOverAndReaped) {
    const std::string first = start(session());
    const std::string second = start(session());
    EXPECT_NE(first, second);
    EXPECT_FALSE(engine_.is_running(first));
    const auto removed = engine_.reap("taohf.test=" + label_);
    ASSERT_TRUE(removed);
    EXPECT_EQ(*removed, 1);
    EXPECT_FALSE(engine_.is_running(second));
}

TEST_F(EngineDockerTest, AMissingImageIsNamed) {
    ContainerSpec spec = session();
    spec.image = "taohf-test/absent:0";
    const auto id = engine_.start_session(spec);
    ASSERT_FALSE(id);
    EXPECT_EQ(id.error().code, ErrorCode::env);
    EXPECT_NE(id.error().message.find("taohf-test/absent:0"), std::string::npos)
        << id.error().message;
}

TEST_F(EngineDockerTest, AGpuWithoutItsRuntimeIsNamed) {
    if (engine_.probe()->has_gpu_runtime)
        GTEST_SKIP() << "this machine has a GPU runtime";
    ContainerSpec spec = session();
    spec.gpus = "all";
    const auto id = engine_.start_session(spec);
    ASSERT_FALSE(id);
    EXPECT_NE(id.error().message.find("GPU runtime"), std::string::npos) << id.error().message;
}

} // namespace
} // namespace taohf::container
