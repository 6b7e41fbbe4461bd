#include <taohf/base/digest.hpp>
#include <taohf/state/store.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "../src/state/journal.hpp"

namespace taohf::state {
namespace {

class NoProcesses final : public host::ProcessRunner {
    Result<host::ProcessExit>
    run(const host::ProcessSpec&, const host::LineSink&, std::stop_token) override {
        return fail(ErrorCode::bug, "the store starts no process");
    }
};

class NoHttp final : public host::Http {
    Result<host::HttpResponse>
    send(const host::HttpRequest&, const host::BodySink&, std::stop_token) override {
        return fail(ErrorCode::bug, "the store asks no server");
    }
};

class StoreTest : public testing::Test {
protected:
    StoreTest() : workspace_(std::filesystem::temp_directory_path() / ("taohf-" + random_hex(12))) {
        std::filesystem::create_directories(workspace_);
    }

    ~StoreTest() override { std::filesystem::remove_all(workspace_); }

    host::Path file(const char* name) const { return workspace_ / ".taohf/p" / name; }

    std::string read(const host::Path& path) { return files_->read(path).value(); }

    void write(const host::Path& path, std::string_view bytes) {
        std::ofstream(path, std::ios::binary) << bytes;
    }

    /// A state that was saved twice and journaled once.
    void make_port() {
        auto store = StateStore::open(host_, workspace_, "p");
        ASSERT_TRUE(store) << format_error(store.error());
        StepRecord step;
        step.id = "1.1";
        step.outcome = "running";
        store->state().phase(1).steps.push_back(step);
        store->state().phase(1).conclusion = "running";
        ASSERT_TRUE(store->save());
        ASSERT_TRUE(store->journal("step_started", {{"step", "1.1"}}));
    }

    host::Path workspace_;
    std::unique_ptr<host::FileSystem> files_ = host::make_file_system();
    NoProcesses processes_;
    NoHttp http_;
    std::unique_ptr<host::Clock> clock_ = host::make_clock();
    std::unique_ptr<host::Environment> environment_ = host::make_environment();
    SecretMask secrets_;
    host::Host host_{*files_, processes_, http_, *clock_, *environment_, secrets_};
};

TEST_F(StoreTest, ANewPortIsWrittenAtOnce) {
    EXPECT_FALSE(StateStore::peek(host_, workspace_, "p")->has_value());
    EXPECT_FALSE(std::filesystem::exists(file(""))) << "peek creates nothing";
    const auto store = StateStore::open(host_, workspace_, "p");
    ASSERT_TRUE(store);
    const auto seen = StateStore::peek(host_, workspace_, "p");
    ASSERT_TRUE(seen && seen->has_value());
    EXPECT_EQ((*seen)->serial, 1U);
    EXPECT_EQ((*seen)->lineage.size(), 16U);
    EXPECT_FALSE((*seen)->updated.empty());
}

TEST_F(StoreTest, ASaveKeepsTheVersionBefore) {
    make_port();
    const Json before = Json::parse(read(file("state.json.bak")));
    const Json after = Json::parse(read(file("state.json")));
    EXPECT_EQ(before.at("serial"), 1);
    EXPECT_EQ(after.at("serial"), 2);
    EXPECT_EQ(before.at("lineage"), after.at("lineage"));
}

TEST_F(StoreTest, StepsOfADeadRunAreInterrupted) {
    make_port();
    auto store = StateStore::open(host_, workspace_, "p");
    ASSERT_TRUE(store);
    EXPECT_EQ(store->state().find_step("1.1")->outcome, "interrupted");
    EXPECT_EQ(store->state().phase(1).conclusion, "interrupted");
}

TEST_F(StoreTest, PeekDoesNotTouchALiveRun) {
    make_port();
    const auto seen = StateStore::peek(host_, workspace_, "p");
    EXPECT_EQ((*seen)->find_step("1.1")->outcome, "running");
}

TEST_F(StoreTest, ASecondRunIsRefusedWhileTheFirstLives) {
    const auto first = StateStore::open(host_, workspace_, "p");
    ASSERT_TRUE(first);
    const auto second = StateStore::open(host_, workspace_, "p");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::lock);
}

TEST_F(StoreTest, AStateCutAtAnyLengthIsNeverTakenForANewOne) {
    make_port();
    const std::string whole = read(file("state.json"));
    for (std::size_t length = 0; length + 1 < whole.size(); ++length) {
        write(file("state.json"), whole.substr(0, length));
        const auto store = StateStore::open(host_, workspace_, "p");
        ASSERT_FALSE(store) << length;
        ASSERT_EQ(store.error().code, ErrorCode::state) << length;
    }
}

TEST_F(StoreTest, ACorruptStateTellsTheJournalSerialAndTheBackup) {
    make_port();
    write(file("state.json"), "{\"schema\": \"taohf/st");
    const auto seen = StateStore::peek(host_, workspace_, "p");
    ASSERT_FALSE(seen);
    const std::string shown = format_error(seen.error());
    EXPECT_NE(shown.find("truncated or corrupt"), std::string::npos) << shown;
    EXPECT_NE(shown.find("last good journal record has the serial 2"), std::string::npos) << shown;
    EXPECT_NE(shown.find("serial 1"), std::string::npos) << shown;
    EXPECT_NE(seen.error().next.find("state.json.bak"), std::string::npos) << shown;
}

TEST_F(StoreTest, ARestoredBackupGoesOnWithHigherSerials) {
    make_port();
    std::filesystem::copy_file(file("state.json.bak"),
                               file("state.json"),
                               std::filesystem::copy_options::overwrite_existing);
    auto store = StateStore::open(host_, workspace_, "p");
    ASSERT_TRUE(store) << format_error(store.error());
    ASSERT_TRUE(store->save());
    EXPECT_EQ(Json::parse(read(file("state.json"))).at("serial"), 3);
}

TEST_F(StoreTest, AMissingStateBesideAJournalIsAFault) {
    make_port();
    std::filesystem::remove(file("state.json"));
    std::filesystem::remove(file("state.json.bak"));
    const auto store = StateStore::open(host_, workspace_, "p");
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, ErrorCode::state);
    EXPECT_FALSE(std::filesystem::exists(file("state.json")));
}

TEST_F(StoreTest, ASymlinkIsNotFollowed) {
    make_port();
    std::filesystem::rename(file("state.json"), file("elsewhere.json"));
    std::filesystem::create_symlink(file("elsewhere.json"), file("state.json"));
    const auto store = StateStore::open(host_, workspace_, "p");
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, ErrorCode::state);
}

TEST_F(StoreTest, AForeignOrNewerFileIsNotOverwritten) {
    auto store = StateStore::open(host_, workspace_, "p");
    ASSERT_TRUE(store);
    Json other = Json::parse(read(file("state.json")));
    other["serial"] = 9;
    write(file("state.json"), other.dump());
    auto saved = store->save();
    ASSERT_FALSE(saved);
    EXPECT_EQ(saved.error().code, ErrorCode::state);
    other["serial"] = 1;
    other["lineage"] = "ffffffffffffffff";
    write(file("state.json"), other.dump());
    saved = store->save();
    ASSERT_FALSE(saved);
    EXPECT_NE(saved.error().message.find("ffffffffffffffff"), std::string::npos);
    EXPECT_EQ(Json::parse(read(file("state.json"))), other);
}

TEST_F(StoreTest, AStateOfAnotherPortIsRefused) {
    make_port();
    std::filesystem::rename(workspace_ / ".taohf/p", workspace_ / ".taohf/q");
    const auto seen = StateStore::peek(host_, workspace_, "q");
    ASSERT_FALSE(seen);
    EXPECT_EQ(seen.error().code, ErrorCode::state);
}

TEST_F(StoreTest, ACutJournalLineDoesNotSwallowTheNext) {
    make_port();
    std::ofstream(file("journal.jsonl"), std::ios::app) << "{\"crc\":\"0123";
    auto store = StateStore::open(host_, workspace_, "p");
    ASSERT_TRUE(store);
    ASSERT_TRUE(store->journal("step_finished", {{"step", "1.1"}}));
    const auto end = read_journal_end(*files_, file("journal.jsonl"));
    ASSERT_TRUE(end && end->last);
    EXPECT_EQ(end->last->at("event"), "step_finished");
    EXPECT_FALSE(end->cut);
}

TEST_F(StoreTest, SecretsNeverReachTheFiles) {
    secrets_.add("hf_verysecretvalue");
    auto store = StateStore::open(host_, workspace_, "p");
    ASSERT_TRUE(store);
    store->state().inputs["token"] = "hf_verysecretvalue";
    ASSERT_TRUE(store->save());
    ASSERT_TRUE(store->journal("note", {{"text", "used hf_verysecretvalue"}}));
    EXPECT_EQ(read(file("state.json")).find("verysecret"), std::string::npos);
    EXPECT_EQ(read(file("journal.jsonl")).find("verysecret"), std::string::npos);
    EXPECT_TRUE(StateStore::peek(host_, workspace_, "p"));
}

TEST_F(StoreTest, PortsAreListedByTheirTraces) {
    EXPECT_TRUE(list_ports(host_, workspace_)->empty());
    make_port();
    std::filesystem::create_directories(workspace_ / ".taohf/cache");
    EXPECT_EQ(*list_ports(host_, workspace_), std::vector<std::string>{"p"});
}

TEST(Journal, ALineSurvivesOnlyUnchanged) {
    const Json record = {{"event", "x"}, {"serial", 3}, {"seconds", 0.1}, {"text", "\xc3\xa4\n\""}};
    std::string line = journal_line(record);
    ASSERT_TRUE(line.ends_with("}\n"));
    line.pop_back();
    EXPECT_EQ(read_journal_line(line), record);
    for (std::size_t length = 0; length < line.size(); ++length)
        EXPECT_FALSE(read_journal_line(line.substr(0, length))) << length;
    for (std::size_t place = 0; place < line.size(); ++place)
        for (int bit = 0; bit < 8; ++bit) {
            std::string changed = line;
            changed[place] = static_cast<char>(changed[place] ^ (1 << bit));
            EXPECT_FALSE(read_journal_line(changed)) << place << " bit " << bit;
        }
}

} // namespace
} // namespace taohf::state
