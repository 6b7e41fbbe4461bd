#include <gtest/gtest.h>

#include "support/fake_host.hpp"

namespace taohf::test {
namespace {

TEST(MemoryFiles, FailTheChosenWriteOnly) {
    MemoryFileSystem files;
    files.fail_write(2);
    EXPECT_EQ((std::vector<bool>{files.write_atomic("/a", "1", 0644).has_value(),
                                 files.write_atomic("/a", "2", 0644).has_value(),
                                 files.write_atomic("/a", "3", 0644).has_value()}),
              (std::vector<bool>{true, false, true}));
}

TEST(MemoryFiles, KeepTheOldContentWhenAWriteFails) {
    MemoryFileSystem files;
    files.put("/a", "old");
    files.fail_write(1);
    (void)files.write_atomic("/a", "new", 0644);
    EXPECT_EQ(files.content("/a"), "old");
}

TEST(MemoryFiles, KeepHalfOfAFailedAppend) {
    MemoryFileSystem files;
    files.put("/a", "old");
    files.fail_write(1);
    (void)files.append("/a", "1234");
    EXPECT_EQ(files.content("/a"), "old12");
}

TEST(MemoryFiles, FailWithTheClassAskedFor) {
    MemoryFileSystem files;
    files.fail_write(1, ErrorCode::bug);
    EXPECT_EQ(files.copy("/a", "/b").error().code, ErrorCode::input); // nothing to copy
    EXPECT_EQ(files.write_atomic("/a", "", 0644).error().code, ErrorCode::bug);
}

TEST(MemoryFiles, StampWritesWithTheirTime) {
    MemoryFileSystem files;
    files.set_time(42);
    files.put("/a", "");
    files.set_time(43);
    EXPECT_EQ(files.stat("/a", true)->mtime_ns, 42);
}

TEST(MemoryFiles, FollowASymlink) {
    MemoryFileSystem files;
    files.put("/b/file", "x");
    files.put_symlink("/b/link", "file");
    EXPECT_EQ(files.content("/b/link"), "x");
}

TEST(MemoryFiles, FindNothingBehindACircleOfSymlinks) {
    MemoryFileSystem files;
    files.put_symlink("/a", "b");
    files.put_symlink("/b", "a");
    EXPECT_EQ(files.stat("/a", true), std::nullopt);
}

TEST(MemoryFiles, NameTheOtherHolderOfALock) {
    MemoryFileSystem files;
    files.lock_by_other("/lock", 77);
    EXPECT_NE(files.lock("/lock").error().message.find("(process 77)"), std::string::npos);
}

class FakeProcesses : public testing::Test {
protected:
    FakeProcessRunner runner;

    Result<host::ProcessExit> run(std::vector<std::string> argv) {
        host::ProcessSpec spec;
        spec.argv = std::move(argv);
        return runner.run(spec, {}, {});
    }
};

TEST_F(FakeProcesses, AnswerByTheFirstRuleThatFits) {
    runner.when({"docker", "inspect"}).prints("first");
    runner.when({"docker"}).prints("second");
    EXPECT_EQ(run({"docker", "inspect", "x"})->out, "first");
}

TEST_F(FakeProcesses, UseARuleOnceWhenToldTo) {
    runner.when({"docker"}).exits(1).once();
    runner.when({"docker"}).exits(0);
    const int first = run({"docker"})->code;
    EXPECT_EQ(std::pair(first, run({"docker"})->code), std::pair(1, 0));
}

TEST_F(FakeProcesses, RefuseACallWithoutARule) {
    EXPECT_EQ(run({"docker"}).error().code, ErrorCode::bug);
}

TEST_F(FakeProcesses, MayLackAProgram) {
    runner.without("docker");
    EXPECT_EQ(run({"docker"}).error().code, ErrorCode::env);
}

TEST_F(FakeProcesses, TellTheirLines) {
    runner.when({"docker"}).prints("one\ntwo\n");
    std::vector<std::string> lines;
    host::ProcessSpec spec;
    spec.argv = {"docker"};
    (void)runner.run(spec, [&](std::string_view line, bool) { lines.emplace_back(line); }, {});
    EXPECT_EQ(lines, (std::vector<std::string>{"one", "two"}));
}

TEST_F(FakeProcesses, CountCalls) {
    runner.when({"docker"});
    (void)run({"docker", "start", "a"});
    (void)run({"docker", "start", "b"});
    EXPECT_EQ(runner.count({"start", "b"}), 1);
}

class FakeWeb : public testing::Test {
protected:
    FakeHttp http;

    Result<host::HttpResponse> get(const std::string& url, const std::string& range = {}) {
        host::HttpRequest request;
        request.url = url;
        if (!range.empty())
            request.headers = {{"Range", range}};
        return http.send(request, {}, {});
    }
};

TEST_F(FakeWeb, GivesTheAnswerOfAUrl) {
    http.answer("http://x/a", 404, "none");
    EXPECT_EQ(get("http://x/a")->status, 404);
}

TEST_F(FakeWeb, HasNoAnswerElsewhere) {
    EXPECT_EQ(get("http://x/b").error().code, ErrorCode::net);
}

TEST_F(FakeWeb, ServesRanges) {
    http.serve("http://x/a", "0123456789");
    EXPECT_EQ(get("http://x/a", "bytes=8-20")->body, "89");
}

TEST_F(FakeWeb, ServesNothingBehindTheEnd) {
    http.serve("http://x/a", "0123456789");
    EXPECT_EQ(get("http://x/a", "bytes=10-")->status, 416);
}

TEST_F(FakeWeb, BreaksAsOftenAsTold) {
    http.answer("http://x/a", 200);
    http.break_connection("http://x/a", 1);
    const bool first = get("http://x/a").has_value();
    EXPECT_EQ(std::pair(first, get("http://x/a").has_value()), std::pair(false, true));
}

TEST(ManualTime, MovesBySleeping) {
    ManualClock clock;
    const auto before = clock.steady();
    clock.sleep_for(std::chrono::seconds(5), {});
    EXPECT_EQ(clock.steady() - before, std::chrono::seconds(5));
}

TEST(ManualTime, StandsStillOnceStopped) {
    ManualClock clock;
    std::stop_source stop;
    stop.request_stop();
    const auto before = clock.now();
    clock.sleep_for(std::chrono::seconds(5), stop.get_token());
    EXPECT_EQ(clock.now(), before);
}

TEST(FakeHostBundle, PassesItsFakesToTheHost) {
    FakeHost fake;
    fake.files.put("/ws/taohf.yaml", "x");
    EXPECT_EQ(fake.host.files.read("/ws/taohf.yaml").value(), "x");
}

} // namespace
} // namespace taohf::test
