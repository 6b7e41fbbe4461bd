#include <taohf/base/digest.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "../src/hub/git_blob.hpp"
#include "../src/hub/hub_client.hpp"
#include "../src/hub/remote_folder.hpp"
#include "support/fake_host.hpp"

namespace taohf::hub {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

const std::string k_commit(40, 'a');
const std::string k_info = "https://hub.test/api/models/org/model/revision/main?blobs=true";

using Headers = std::vector<std::pair<std::string, std::string>>;

class Client : public testing::Test {
protected:
    test::FakeHost fake;
    HubSettings settings{"https://hub.test", "/cache", "hf_secret", false};
    HubClient client{fake.host, settings, {"org/model", "main"}};

    static std::string file_url(const std::string& name) {
        return "https://hub.test/org/model/resolve/" + k_commit + "/" + name;
    }

    static host::HttpResponse status(int code, Headers headers = {}) {
        host::HttpResponse response;
        response.status = code;
        response.headers = std::move(headers);
        return response;
    }

    /// Answers in turn; the last one for ever.
    void answers(const std::string& url, std::vector<host::HttpResponse> in_turn) {
        fake.http.handle(url, [in_turn, turn = std::size_t{0}](const host::HttpRequest&) mutable {
            return in_turn[std::min(turn++, in_turn.size() - 1)];
        });
    }

    void lists(const std::string& document) { fake.http.answer(k_info, 200, document); }

    milliseconds slept() const {
        const auto& sleeps = fake.clock.sleeps();
        return std::accumulate(sleeps.begin(), sleeps.end(), milliseconds(0));
    }
};

TEST_F(Client, ReadsTheListing) {
    lists(R"({"id":"org/model","sha":")" + k_commit +
          R"(","siblings":[{"rfilename":"config.json","size":5,"blobId":")" + std::string(40, 'b') +
          R"("},{"rfilename":"w.bin","size":7,"lfs":{"sha256":")" + std::string(64, 'c') +
          R"("}}]})");
    const auto model = client.model();
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_EQ(model->commit, k_commit);
    EXPECT_EQ(model->files.at("config.json").size, 5u);
    EXPECT_EQ(model->files.at("w.bin").etag, std::string(64, 'c'));
    EXPECT_FALSE(model->info.contains("siblings"));
    EXPECT_EQ(fake.http.requests().at(0).bearer, "hf_secret");
}

TEST_F(Client, NamesTheFieldThatIsWrong) {
    lists(R"({"sha":5,"siblings":[]})");
    EXPECT_THAT(client.model().error().message, HasSubstr("'sha'"));
    lists(R"({"sha":")" + k_commit + R"("})");
    EXPECT_THAT(client.model().error().message, HasSubstr("'siblings'"));
    EXPECT_EQ(client.model().error().code, ErrorCode::input);
}

TEST_F(Client, TriesFiveTimesWithGrowingPauses) {
    answers(k_info, {status(503)});
    EXPECT_EQ(client.model().error().code, ErrorCode::net);
    EXPECT_EQ(fake.http.count(k_info), 5);
    const auto& sleeps = fake.clock.sleeps();
    ASSERT_EQ(sleeps.size(), 4u);
    for (std::size_t i = 0; i < sleeps.size(); ++i) {
        EXPECT_GE(sleeps[i], milliseconds(250 << i));
        EXPECT_LE(sleeps[i], milliseconds(500 << i));
    }
}

TEST_F(Client, DoesNotTryAgainWhatCannotHelp) {
    for (const int code : {400, 401, 403, 404, 410}) {
        answers(k_info, {status(code)});
        const int before = fake.http.count(k_info);
        EXPECT_FALSE(client.model());
        EXPECT_EQ(fake.http.count(k_info) - before, 1) << code;
    }
}

TEST_F(Client, WaitsAsLongAsTheServerAsks) {
    answers(k_info, {status(429, {{"retry-after", "30"}}), status(404)});
    (void)client.model();
    EXPECT_GE(slept(), seconds(30));
    EXPECT_LT(slept(), seconds(32));
}

TEST_F(Client, WaitsUntilTheWindowOfRequestsEnds) {
    answers(k_info, {status(429, {{"ratelimit", "\"api\";r=0;t=55"}}), status(404)});
    (void)client.model();
    EXPECT_GE(slept(), seconds(56));
}

TEST_F(Client, DoesNotWaitLongerThanFiveMinutes) {
    answers(k_info, {status(429, {{"retry-after", "301"}})});
    const auto refused = client.model();
    EXPECT_EQ(fake.http.count(k_info), 1);
    EXPECT_EQ(refused.error().code, ErrorCode::net);
    EXPECT_THAT(refused.error().next, HasSubstr("after 2026-03-01T12:05:01Z"));
    answers(k_info, {status(429, {{"retry-after", "120"}})});
    (void)client.model();
    EXPECT_LE(slept(), seconds(300));
}

TEST_F(Client, ToldToStopItWaitsNoLonger) {
    std::stop_source stop;
    stop.request_stop();
    HubClient stopped(fake.host, settings, {"org/model", "main"}, Watch{stop.get_token(), {}});
    EXPECT_EQ(stopped.model().error().code, ErrorCode::interrupted);
}

class Files : public Client {
protected:
    const std::string bytes = "0123456789";
    RemoteFile file{10, git_blob_sha1("0123456789")};

    /// As the Hub: its headers, and ranges.
    void serves(const std::string& content, const std::string& commit = k_commit) {
        fake.http.serve(file_url("f"), content);
        auto plain = fake.http;
        fake.http.handle(file_url("f"), [plain, commit](const host::HttpRequest& request) mutable {
            host::HttpRequest unlimited = request;
            unlimited.max_body = 1000;
            auto response = plain.send(unlimited, {}, {});
            response->headers.emplace_back("x-repo-commit", commit);
            response->first_headers.clear();
            return response;
        });
    }
};

TEST_F(Files, AreReadWhole) {
    serves(bytes);
    const auto whole = client.whole(k_commit, "f", file);
    ASSERT_TRUE(whole) << whole.error().message;
    EXPECT_EQ(*whole, bytes);
    EXPECT_EQ(client.bytes_received(), 10u);
}

TEST_F(Files, AreRefusedWithWrongBytes) {
    serves("0123456780");
    EXPECT_THAT(client.whole(k_commit, "f", file).error().message, HasSubstr("arrived damaged"));
    serves("01234567890");
    EXPECT_THAT(client.whole(k_commit, "f", file).error().message, HasSubstr("more than 10 bytes"));
    serves("012345678");
    EXPECT_THAT(client.whole(k_commit, "f", file).error().message,
                HasSubstr("fewer than 10 bytes"));
}

TEST_F(Files, OfAnotherCommitAreRefused) {
    serves(bytes, std::string(40, 'b'));
    EXPECT_THAT(client.whole(k_commit, "f", file).error().message, HasSubstr("changed while"));
}

TEST_F(Files, WithoutTheHubsHeadersAreAPortals) {
    fake.http.serve(file_url("f"), bytes);
    EXPECT_EQ(client.whole(k_commit, "f", file).error().code, ErrorCode::net);
}

TEST_F(Files, AreReadInRanges) {
    serves(bytes);
    EXPECT_EQ(client.range(k_commit, "f", file, 2, 3).value(), "234");
    EXPECT_EQ(client.range(k_commit, "f", file, 8, 30).value(), "89");
    EXPECT_EQ(client.range(k_commit, "f", file, 10, 1).value(), "");
    EXPECT_EQ(client.bytes_received(), 5u);
}

TEST_F(Files, AreCutWhereTheServerIgnoresRanges) {
    host::HttpResponse all = status(200, {{"x-repo-commit", k_commit}});
    all.body = bytes;
    fake.http.answer(file_url("f"), all);
    EXPECT_EQ(client.range(k_commit, "f", file, 2, 3).value(), "234");
    EXPECT_EQ(client.bytes_received(), 5u);
}

TEST_F(Files, AreRefusedInAnotherRange) {
    host::HttpResponse other =
        status(206, {{"x-repo-commit", k_commit}, {"content-range", "bytes 0-2/10"}});
    other.body = "012";
    fake.http.answer(file_url("f"), other);
    EXPECT_EQ(client.range(k_commit, "f", file, 2, 3).error().code, ErrorCode::input);
}

TEST_F(Files, AreAskedForAtTheStorageTheSecondTime) {
    host::HttpResponse stored = status(206, {{"content-range", "bytes 0-2/10"}});
    stored.first_headers = {{"x-repo-commit", k_commit}};
    stored.effective_url = "https://storage.test/f?signature";
    stored.body = "012";
    fake.http.answer(file_url("f"), stored);
    stored.headers = {{"content-range", "bytes 3-4/10"}};
    stored.body = "34";
    fake.http.answer("https://storage.test/f?signature", stored);
    EXPECT_EQ(client.range(k_commit, "f", file, 0, 3).value(), "012");
    EXPECT_EQ(client.range(k_commit, "f", file, 3, 2).value(), "34");
    EXPECT_EQ(fake.http.requests().at(1).bearer, "");
    // A signature that has expired sends the client back to the hub.
    fake.http.answer("https://storage.test/f?signature", 403);
    EXPECT_EQ(client.range(k_commit, "f", file, 0, 3).value(), "012");
}

TEST_F(Files, OfAFolderAreAskedForOnce) {
    lists(R"({"id":"org/model","sha":")" + k_commit +
          R"(","siblings":[{"rfilename":"f","size":10,)" + R"("blobId":")" + file.etag +
          R"("},{"rfilename":"../x","size":1}]})");
    serves(bytes);
    const auto folder = RemoteFolder::open(fake.host, settings, {"org/model", "main"}, {});
    ASSERT_TRUE(folder) << folder.error().message;
    EXPECT_EQ((*folder)->read_range("hub/f", 2, 3).value(), "234");
    EXPECT_EQ((*folder)->read_range("hub/f", 3, 4).value(), "3456"); // 56 is new
    EXPECT_EQ((*folder)->read_range("hub/f", 2, 5).value(), "23456");
    EXPECT_EQ(fake.http.count(file_url("f")), 2);
    EXPECT_EQ((*folder)->read("hub/f", 100).value(), bytes);
    EXPECT_EQ((*folder)->read_range("hub/f", 8, 2).value(), "89");
    EXPECT_EQ(fake.http.count(file_url("f")), 3);
    EXPECT_EQ((*folder)->list("hub").value(), std::vector<std::string>{"f"});
    EXPECT_FALSE((*folder)->stat("hub/g", true));
    EXPECT_EQ((*folder)->append("hub/f", "x").error().code, ErrorCode::bug);
}

TEST_F(Files, ComeWithTheCardThatTheHubHasRead) {
    const auto card_of = [this](const std::string& fields) {
        lists(R"({"sha":")" + k_commit + R"(","siblings":[])" + fields + "}");
        const auto folder = RemoteFolder::open(fake.host, settings, {"org/model", "main"}, {});
        return folder && (*folder)->card() ? (*folder)->card()->dump() : "none";
    };
    EXPECT_EQ(card_of(""), "none");
    EXPECT_EQ(card_of(R"(,"cardData":"text","pipeline_tag":"x")"), "none");
    EXPECT_EQ(card_of(R"(,"cardData":{"license":"mit"},"pipeline_tag":"depth-estimation")"),
              R"({"license":"mit","pipeline_tag":"depth-estimation"})");
    EXPECT_EQ(card_of(R"(,"cardData":{"pipeline_tag":"own"},"pipeline_tag":"other")"),
              R"({"pipeline_tag":"own"})");
}

TEST_F(Files, ThatFailedAreNotAskedForAgain) {
    lists(R"({"id":"org/model","sha":")" + k_commit +
          R"(","siblings":[{"rfilename":"f","size":10,)" + R"("blobId":")" + file.etag + R"("}]})");
    answers(file_url("f"), {status(500)});
    const auto folder = RemoteFolder::open(fake.host, settings, {"org/model", "main"}, {});
    ASSERT_TRUE(folder);
    EXPECT_FALSE((*folder)->read("hub/f", 100));
    EXPECT_FALSE((*folder)->read_range("hub/f", 0, 1));
    EXPECT_EQ(fake.http.count(file_url("f")), 5);
}

class Settings : public testing::Test {
protected:
    test::FakeHost fake;

    HubSettings read() { return read_hub_settings(fake.host).value(); }
};

TEST_F(Settings, AreThoseOfThePythonClient) {
    EXPECT_EQ(read().endpoint, "https://huggingface.co");
    EXPECT_EQ(read().cache, "/home/ann/.cache/huggingface/hub");
    auto& variables = fake.environment.variables;
    variables = {{"XDG_CACHE_HOME", "/xdg"}};
    EXPECT_EQ(read().cache, "/xdg/huggingface/hub");
    variables = {{"HF_HOME", "~/${PART}/hf"}, {"PART", "p"}, {"HF_ENDPOINT", "http://mirror/"}};
    EXPECT_EQ(read().cache, "/home/ann/p/hf/hub");
    EXPECT_EQ(read().endpoint, "http://mirror");
    variables = {{"HF_HUB_CACHE", "/c"}, {"HF_HUB_OFFLINE", "YES"}};
    EXPECT_EQ(read().cache, "/c");
    EXPECT_TRUE(read().offline);
}

TEST_F(Settings, FindTheToken) {
    fake.files.put("/home/ann/.cache/huggingface/token", "hf_fromfile\n");
    EXPECT_EQ(read().token, "hf_fromfile");
    fake.environment.variables["HF_TOKEN"] = " hf_fromenvironment ";
    EXPECT_EQ(read().token, "hf_fromenvironment");
    EXPECT_EQ(fake.secrets.mask("x hf_fromenvironment"), "x ***");
    fake.environment.variables["HF_HUB_DISABLE_IMPLICIT_TOKEN"] = "1";
    EXPECT_EQ(read().token, "");
}

TEST_F(Settings, RefuseATokenThatSmugglesAHeader) {
    fake.environment.variables["HF_TOKEN"] = "hf_a\r\nX-Other: 1";
    const auto settings = read_hub_settings(fake.host);
    EXPECT_EQ(settings.error().code, ErrorCode::usage);
    EXPECT_THAT(settings.error().message, testing::Not(HasSubstr("hf_a")));
}

} // namespace
} // namespace taohf::hub
