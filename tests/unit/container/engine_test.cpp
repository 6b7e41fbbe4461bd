#include <taohf/container/engine.hpp>

#include <gtest/gtest.h>

#include "unit/container/scripted_host.hpp"

namespace taohf::container {
namespace {

class EngineTest : public testing::Test, protected container::ScriptedHost {
protected:
    ContainerSpec session() const {
        ContainerSpec spec;
        spec.name = "taohf-p";
        spec.image = "img:1";
        spec.labels = {{"taohf", "1"}, {"taohf.workspace", "w1"}, {"taohf.context", "pytorch"}};
        spec.argv = {"sleep", "infinity"};
        return spec;
    }

    ExecSpec command() const {
        ExecSpec spec;
        spec.container = "c1";
        spec.argv = {"tool", "--flag"};
        return spec;
    }

    Result<ExecExit> execute() { return engine_.exec(command(), std::nullopt, {}, {}); }
};

constexpr const char* k_running = R"({"Status":"running","Running":true,"OOMKilled":false})";

TEST_F(EngineTest, EveryCauseOfAFailureHasItsOwnTextAndNextStep) {
    struct Case {
        const char* output;
        ErrorCode code;
        const char* message;
        const char* next;
    };

    const Case cases[] = {
        {"Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon "
         "running?",
         ErrorCode::env,
         "daemon does not answer",
         "systemctl start docker"},
        {"permission denied while trying to connect to the Docker daemon socket at "
         "unix:///var/run/docker.sock",
         ErrorCode::env,
         "no permission",
         "usermod"},
        {"Error response from daemon: No such image: img:1",
         ErrorCode::env,
         "'img:1'",
         "taohf init"},
        {"Unable to find image 'img:1' locally", ErrorCode::env, "'img:1'", "taohf init"},
        {"Error response from daemon: could not select device driver \"\" with capabilities: "
         "[[gpu]]",
         ErrorCode::env,
         "GPU runtime",
         "nvidia-ctk"},
        {"Error response from daemon: write /var/lib/docker/tmp/x: no space left on device",
         ErrorCode::storage,
         "no space",
         "docker system df"},
        {"Error response from daemon: something new",
         ErrorCode::step,
         "exit code 1",
         "docker info"},
    };
    for (const Case& expected : cases) {
        docker_.rows = {{{"create"}, says(expected.output, 1)}};
        const auto id = engine_.start_session(session());
        ASSERT_FALSE(id) << expected.output;
        EXPECT_EQ(id.error().code, expected.code) << expected.output;
        EXPECT_NE(id.error().message.find(expected.message), std::string::npos)
            << id.error().message;
        EXPECT_NE(id.error().next.find(expected.next), std::string::npos) << id.error().next;
        EXPECT_NE(id.error().context.at(0).find("docker said: "), std::string::npos);
    }
}

TEST_F(EngineTest, AMissingProgramSaysHowToInstallIt) {
    docker_.is_installed = false;
    const auto facts = engine_.probe();
    ASSERT_FALSE(facts);
    EXPECT_EQ(facts.error().code, ErrorCode::env);
    EXPECT_NE(facts.error().next.find("install"), std::string::npos);
}

TEST_F(EngineTest, ProbeReadsVersionRootAndGpuRuntime) {
    docker_.rows = {{{"info"},
                     says(R"({"ServerVersion":"20.10.24","DockerRootDir":"/var/lib/docker",)"
                          R"("Runtimes":{"nvidia":{},"runc":{}}})")}};
    const auto facts = engine_.probe();
    ASSERT_TRUE(facts) << format_error(facts.error());
    EXPECT_EQ(facts->version, "20.10.24");
    EXPECT_EQ(facts->data_root, "/var/lib/docker");
    EXPECT_EQ(facts->runtimes, (std::vector<std::string>{"nvidia", "runc"}));
    EXPECT_TRUE(facts->has_gpu_runtime);
}

TEST_F(EngineTest, ProbeNoticesADeadDaemonBehindExitCodeZero) {
    docker_.rows = {
        {{"info"},
         says(R"({"ServerErrors":["Cannot connect to the Docker daemon at unix:///x."]})")}};
    const auto facts = engine_.probe();
    ASSERT_FALSE(facts);
    EXPECT_EQ(facts.error().next, "sudo systemctl start docker");
}

TEST_F(EngineTest, AnOwnContainerOfTheSameNameIsReplaced) {
    docker_.rows = {{{"create"},
                     says("Error response from daemon: Conflict. The container name \"/taohf-p\" "
                          "is already in use by container \"0\".",
                          1),
                     true},
                    {{"create"}, says("c1\n")},
                    {{"inspect", "Labels"}, says(R"({"taohf":"1","taohf.workspace":"w1"})")},
                    {{"rm --force"}, says("taohf-p")},
                    {{"start c1"}, says("c1")},
                    {{"inspect", "Running"}, says("true\n")}};
    const auto id = engine_.start_session(session());
    ASSERT_TRUE(id) << format_error(id.error());
    EXPECT_EQ(*id, "c1");
    EXPECT_EQ(docker_.count({"rm --force --volumes taohf-p"}), 1);
}

TEST_F(EngineTest, AForeignContainerOfTheSameNameIsLeftAlone) {
    docker_.rows = {
        {{"create"}, says("The container name is already in use by container \"0\".", 1)},
        {{"inspect", "Labels"}, says(R"({"taohf":"1","taohf.workspace":"other"})")}};
    const auto id = engine_.start_session(session());
    ASSERT_FALSE(id);
    EXPECT_EQ(id.error().code, ErrorCode::env);
    EXPECT_EQ(docker_.count({"rm --force"}), 0);
}

TEST_F(EngineTest, ASessionThatEndsAtOnceIsAnErrorWithItsLastWords) {
    docker_.rows = {{{"create"}, says("c1")},
                    {{"start c1"}, says("c1")},
                    {{"inspect"}, says("false")},
                    {{"logs"}, says("exec sleep failed: not found")},
                    {{"rm --force"}, says("c1")}};
    const auto id = engine_.start_session(session());
    ASSERT_FALSE(id);
    EXPECT_NE(id.error().message.find("exec sleep failed"), std::string::npos)
        << id.error().message;
    EXPECT_EQ(docker_.count({"rm --force", "c1"}), 1);
}

TEST_F(EngineTest, AContainerThatCannotStartIsRemoved) {
    docker_.rows = {{{"create"}, says("c1")},
                    {{"start c1"}, says("could not select device driver", 1)},
                    {{"rm --force"}, says("c1")}};
    ASSERT_FALSE(engine_.start_session(session()));
    EXPECT_EQ(docker_.count({"rm --force", "c1"}), 1);
}

TEST_F(EngineTest, SecretsTravelByEnvironmentNotByArguments) {
    secrets_.add("hf_verysecretvalue");
    docker_.rows = {{{"exec"}, says("done")}};
    ExecSpec spec = command();
    spec.environment = {{"OPEN", "1"}, {"HF_TOKEN", "hf_verysecretvalue"}};
    ASSERT_TRUE(engine_.exec(spec, std::nullopt, {}, {}));
    const host::ProcessSpec& call = docker_.calls.at(0);
    const std::string line = text::join(call.argv, " ");
    EXPECT_EQ(line.find("verysecret"), std::string::npos) << line;
    EXPECT_NE(line.find("--env OPEN=1 --env HF_TOKEN "), std::string::npos) << line;
    ASSERT_EQ(call.environment.size(), 1U);
    EXPECT_EQ(call.environment[0].second, "hf_verysecretvalue");
}

TEST_F(EngineTest, TheCommandIsPassedAsArgumentsNeverAsText) {
    docker_.rows = {{{"exec"}, says("done")}};
    ExecSpec spec = command();
    spec.argv = {"tool", "$(reboot)", "a b"};
    ASSERT_TRUE(engine_.exec(spec, std::nullopt, {}, {}));
    const auto& argv = docker_.calls.at(0).argv;
    ASSERT_GE(argv.size(), 3U);
    EXPECT_EQ((std::vector<std::string>(argv.end() - 3, argv.end())), spec.argv);
}

TEST_F(EngineTest, EachWayToFailIsToldApart) {
    struct Case {
        const char* name;
        int code;
        host::ProcessExit state;
        int count_code; ///< 0: the kernel counted a kill for memory
        ExecEnd end;
    };

    const Case cases[] = {
        {"exit code", 3, says(k_running), 1, ExecEnd::exited},
        {"killed", 137, says(k_running), 1, ExecEnd::killed},
        {"out of memory", 137, says(k_running), 0, ExecEnd::out_of_memory},
        {"worker out of memory", 1, says(k_running), 0, ExecEnd::out_of_memory},
        {"session out of memory",
         137,
         says(R"({"Running":false,"OOMKilled":true})"),
         1,
         ExecEnd::out_of_memory},
        {"session stopped",
         137,
         says(R"({"Running":false,"OOMKilled":false})"),
         1,
         ExecEnd::container_gone},
        {"session removed", 1, says("Error: No such container: c1", 1), 1, ExecEnd::container_gone},
        {"daemon gone", 1, says("Cannot connect to the Docker daemon", 1), 1, ExecEnd::engine_gone},
        {"daemon stuck", 1, ends(host::ProcessEnd::timed_out), 1, ExecEnd::engine_gone},
    };
    for (const Case& expected : cases) {
        docker_.rows = {{{"exec", "-gt"}, says("", expected.count_code)},
                        {{"exec", "tool --flag"}, says("failed", expected.code)},
                        {{"inspect"}, expected.state}};
        const auto exit = execute();
        ASSERT_TRUE(exit) << expected.name;
        EXPECT_EQ(exit->end, expected.end) << expected.name;
        EXPECT_EQ(exit->code, expected.code) << expected.name;
    }
}

TEST_F(EngineTest, AMissingProgramInTheImageIsNamed) {
    docker_.rows = {{{"exec", "-gt"}, says("", 1)},
                    {{"exec", "tool --flag"}, says("sh: exec: not found", 127)},
                    {{"inspect"}, says(k_running)}};
    const auto exit = execute();
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->end, ExecEnd::exited);
    EXPECT_EQ(exit->code, 127);
    EXPECT_NE(exit->tail.find("'tool' was not found in the container"), std::string::npos)
        << exit->tail;
}

TEST_F(EngineTest, ATimeoutEndsTheWorkInsideNotOnlyTheProgram) {
    docker_.rows = {{{"exec", "kill -"}, says("")},
                    {{"exec", "tool --flag"}, ends(host::ProcessEnd::timed_out)}};
    const auto exit = execute();
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->end, ExecEnd::timed_out);
    EXPECT_EQ(docker_.count({"exec", "kill -"}), 1);
    EXPECT_EQ(docker_.count({"docker kill c1"}), 0);
}

TEST_F(EngineTest, WhatSurvivesInsideTakesTheSessionWithIt) {
    docker_.rows = {{{"exec", "kill -"}, says("", 4)},
                    {{"exec", "tool --flag"}, ends(host::ProcessEnd::cancelled)},
                    {{"kill c1"}, says("c1")}};
    const auto exit = execute();
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->end, ExecEnd::cancelled);
    EXPECT_EQ(docker_.count({"docker kill c1"}), 1);
}

TEST_F(EngineTest, ImageIdsComeFromTheSocket) {
    socket_.answer = [](const host::HttpRequest& request) -> Result<host::HttpResponse> {
        host::HttpResponse response;
        response.status = request.url.find("there") != std::string::npos ? 200 : 404;
        response.body = response.status == 200 ? R"({"Id":"sha256:aa"})"
                                               : R"({"message":"No such image: gone:1"})";
        return response;
    };
    const auto ids = engine_.image_ids({"a/there:1", "gone:1"});
    ASSERT_TRUE(ids) << format_error(ids.error());
    EXPECT_EQ(*ids, (std::map<std::string, std::string>{{"a/there:1", "sha256:aa"}}));
    EXPECT_EQ(socket_.requests.at(0).unix_socket, "/var/run/docker.sock");
    EXPECT_TRUE(docker_.calls.empty());
}

TEST_F(EngineTest, ImageIdsFallBackToTheCommandLine) {
    docker_.rows = {{{"inspect", "there:1"}, says("sha256:aa\n")},
                    {{"inspect", "gone:1"}, says("Error: No such image: gone:1", 1)}};
    const auto ids = engine_.image_ids({"there:1", "gone:1"});
    ASSERT_TRUE(ids);
    EXPECT_EQ(*ids, (std::map<std::string, std::string>{{"there:1", "sha256:aa"}}));
    EXPECT_EQ(socket_.requests.size(), 2U);
}

TEST_F(EngineTest, ARemoteDaemonIsNotAskedOnTheLocalSocket) {
    environment_.variables = {{"DOCKER_HOST", "tcp://10.0.0.1:2375"}};
    docker_.rows = {{{"inspect"}, says("sha256:aa")}};
    ASSERT_TRUE(engine_.image_ids({"there:1"}));
    EXPECT_TRUE(socket_.requests.empty());
    environment_.variables = {{"DOCKER_HOST", "unix:///run/user/1000/docker.sock"}};
    ASSERT_TRUE(engine_.image_ids({"there:1"}));
    EXPECT_EQ(socket_.requests.at(0).unix_socket, "/run/user/1000/docker.sock");
}

TEST_F(EngineTest, ADeadDaemonIsNotAMissingImage) {
    docker_.rows = {{{"inspect"}, says("Cannot connect to the Docker daemon", 1)}};
    const auto ids = engine_.image_ids({"there:1"});
    ASSERT_FALSE(ids);
    EXPECT_EQ(ids.error().next, "sudo systemctl start docker");
}

TEST_F(EngineTest, AStopRequestEndsWhatWaitsForDocker) {
    std::stop_source stop;
    stop.request_stop();
    Engine stopped(host_, "docker", stop.get_token());
    const auto facts = stopped.probe();
    ASSERT_FALSE(facts);
    EXPECT_EQ(facts.error().code, ErrorCode::interrupted);
    const Status made = stopped.commit("c1", "a:1", {});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::interrupted);
    const auto ids = stopped.image_ids({"there:1"});
    ASSERT_FALSE(ids);
    EXPECT_EQ(ids.error().code, ErrorCode::interrupted);
}

TEST_F(EngineTest, AfterAStopRequestContainersAreStillRemoved) {
    std::stop_source stop;
    stop.request_stop();
    docker_.rows = {
        {{"rm --force", "c1"}, says("c1")},
        {{"container inspect", "taohf-p"}, says("Error: No such container: taohf-p", 1)},
        {{"rm --force", "taohf-p"}, says("taohf-p")}};
    Engine stopped(host_, "docker", stop.get_token());
    EXPECT_TRUE(stopped.remove("c1"));
    EXPECT_FALSE(stopped.start_session(session()));
    EXPECT_EQ(docker_.count({"rm --force", "taohf-p"}), 1) << "what the daemon may have made goes";
}

TEST_F(EngineTest, ReapRemovesWhatCarriesTheLabel) {
    docker_.rows = {{{"ps", "label=taohf.port=w-p"}, says("c1\nc2\n")},
                    {{"rm --force", "c1"}, says("c1")},
                    {{"rm --force", "c2"}, says("No such container: c2", 1)}};
    const auto removed = engine_.reap("taohf.port=w-p");
    ASSERT_TRUE(removed) << format_error(removed.error());
    EXPECT_EQ(*removed, 2);
}

TEST_F(EngineTest, CommitPassesEachChangeAndNamesTheImageWhenItFails) {
    docker_.rows = {{{"commit", "full:1"}, says("no space left on device", 1)},
                    {{"commit"}, says("sha256:1")}};
    ASSERT_TRUE(engine_.commit("c1", "x:1", {"USER root", "LABEL a=b"}));
    EXPECT_EQ(docker_.calls.at(0).argv,
              (std::vector<std::string>{"docker",
                                        "commit",
                                        "--pause=false",
                                        "--change",
                                        "USER root",
                                        "--change",
                                        "LABEL a=b",
                                        "c1",
                                        "x:1"}));
    const auto failed = engine_.commit("c1", "full:1", {});
    ASSERT_FALSE(failed);
    EXPECT_NE(format_error(failed.error()).find("full:1"), std::string::npos);
}

TEST_F(EngineTest, LabelsOfAnImageWithoutLabelsAreEmpty) {
    docker_.rows = {{{"inspect"}, says("null\n")}};
    const auto labels = engine_.image_labels("img:1");
    ASSERT_TRUE(labels);
    EXPECT_EQ(*labels, Json::object());
}

} // namespace
} // namespace taohf::container
