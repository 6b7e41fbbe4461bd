#include <taohf/host/http.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "support/loopback_server.hpp"
#include "unit/hub/real_host.hpp"

namespace taohf::host {
namespace {

using taohf::test::LoopbackRequest;
using taohf::test::LoopbackResponse;
using taohf::test::LoopbackServer;

const std::string k_bytes = "0123456789";

LoopbackResponse redirect_to(const std::string& url, int status = 302) {
    LoopbackResponse response;
    response.status = status;
    response.body = "moved";
    response.headers = {{"Location", url}, {"X-Linked-Size", "10"}};
    return response;
}

LoopbackResponse ranged(const LoopbackRequest& request) {
    LoopbackResponse response;
    response.body = k_bytes;
    if (const auto range = request.header("range"); range == "bytes=2-4") {
        response.status = 206;
        response.body = k_bytes.substr(2, 3);
        response.headers = {{"Content-Range", "bytes 2-4/10"}};
    }
    return response;
}

class Curl : public testing::Test {
protected:
    std::unique_ptr<Http> http = make_curl_http();
    LoopbackServer elsewhere{[](const LoopbackRequest&) { return LoopbackResponse(); }};
    LoopbackServer server{[this](const LoopbackRequest& request) { return answer(request); }};

    LoopbackResponse answer(const LoopbackRequest& request) const {
        const std::string& target = request.target;
        LoopbackResponse response;
        if (target == "/ranged")
            return ranged(request);
        if (target == "/away")
            return redirect_to(elsewhere.url("/landed"));
        if (target == "/near")
            return redirect_to("landed?x=1");
        if (target == "/see-other")
            return redirect_to("/landed", 303);
        if (target == "/keep-method")
            return redirect_to("/landed", 307);
        if (target == "/circle")
            return redirect_to("/circle");
        if (target == "/cloud")
            return redirect_to("http://169.254.169.254/latest/meta-data");
        if (target == "/file")
            return redirect_to("file:///etc/passwd");
        response.body = k_bytes;
        response.headers = {{"X-Name", " padded "}};
        response.status = target == "/missing" ? 404 : 200;
        response.hangs = target == "/hangs";
        response.breaks = target == "/breaks";
        return response;
    }

    HttpRequest to(const std::string& target) const {
        HttpRequest request;
        request.url = server.url(target);
        return request;
    }

    HttpResponse get(const std::string& target) { return http->send(to(target)).value(); }
};

TEST_F(Curl, GetsTheBody) {
    EXPECT_EQ(get("/").body, k_bytes);
}

TEST_F(Curl, GetsHeadersByLowerCaseName) {
    const HttpResponse response = get("/");
    ASSERT_NE(response.header("x-name"), nullptr);
    EXPECT_EQ(*response.header("x-name"), "padded");
}

TEST_F(Curl, FindsNoHeaderThatWasNotSent) {
    EXPECT_EQ(get("/").header("x-other"), nullptr);
}

TEST_F(Curl, GivesAnyStatusAsAResponse) {
    EXPECT_EQ(get("/missing").status, 404);
}

TEST_F(Curl, GetsARange) {
    HttpRequest request = to("/ranged");
    request.headers = {{"Range", "bytes=2-4"}};
    const auto response = http->send(request);
    EXPECT_EQ(std::pair(response->status, response->body), std::pair(206, std::string("234")));
}

TEST_F(Curl, GetsTheHeadWithoutABody) {
    HttpRequest request = to("/");
    request.method = "HEAD";
    const auto response = http->send(request);
    EXPECT_EQ(*response->header("content-length"), "10");
}

TEST_F(Curl, PostsABody) {
    HttpRequest request = to("/");
    request.method = "POST";
    request.body = std::string("a\0b", 3);
    ASSERT_TRUE(http->send(request));
    EXPECT_EQ(server.requests().at(0).body, request.body);
}

TEST_F(Curl, PostsNothingWithALength) {
    HttpRequest request = to("/");
    request.method = "POST";
    ASSERT_TRUE(http->send(request));
    EXPECT_EQ(server.requests().at(0).header("content-length"), "0");
}

TEST_F(Curl, DoesNotCallABodyAForm) {
    HttpRequest request = to("/");
    request.method = "POST";
    request.body = "{}";
    ASSERT_TRUE(http->send(request));
    EXPECT_EQ(server.requests().at(0).header("content-type"), std::nullopt);
}

TEST_F(Curl, SendsTheTypeOfABody) {
    HttpRequest request = to("/");
    request.method = "POST";
    request.body = "{}";
    request.headers = {{"Content-Type", "application/json"}};
    ASSERT_TRUE(http->send(request));
    EXPECT_EQ(server.requests().at(0).header("content-type"), "application/json");
}

TEST_F(Curl, ForgetsThePreviousRequest) {
    HttpRequest request = to("/");
    request.method = "POST";
    request.bearer = "hf_secret";
    ASSERT_TRUE(http->send(request));
    get("/second");
    const LoopbackRequest second = server.requests().at(1);
    EXPECT_EQ(std::pair(second.method, second.header("authorization")),
              std::pair(std::string("GET"), std::optional<std::string>()));
}

TEST_F(Curl, ReusesItsConnection) {
    get("/one");
    get("/two");
    EXPECT_EQ(server.connections(), 1);
}

TEST_F(Curl, SendsTheToken) {
    HttpRequest request = to("/");
    request.bearer = "hf_secret";
    ASSERT_TRUE(http->send(request));
    EXPECT_EQ(server.requests().at(0).header("authorization"), "Bearer hf_secret");
}

TEST_F(Curl, DropsTheTokenAtAnotherHost) {
    HttpRequest request = to("/away");
    request.bearer = "hf_secret";
    ASSERT_TRUE(http->send(request));
    EXPECT_EQ(elsewhere.requests().at(0).header("authorization"), std::nullopt);
}

TEST_F(Curl, DropsAnAuthorizationHeaderAtAnotherHost) {
    HttpRequest request = to("/away");
    request.headers = {{"authorization", "Basic c2VjcmV0"}, {"Cookie", "session=1"}};
    ASSERT_TRUE(http->send(request));
    EXPECT_EQ(elsewhere.requests().at(0).header("authorization"), std::nullopt);
}

TEST_F(Curl, KeepsTheRangeAtAnotherHost) {
    HttpRequest request = to("/away");
    request.headers = {{"Range", "bytes=2-4"}};
    ASSERT_TRUE(http->send(request));
    EXPECT_EQ(elsewhere.requests().at(0).header("range"), "bytes=2-4");
}

TEST_F(Curl, KeepsTheTokenAtTheSameHost) {
    HttpRequest request = to("/near");
    request.bearer = "hf_secret";
    ASSERT_TRUE(http->send(request));
    EXPECT_EQ(server.requests().at(1).header("authorization"), "Bearer hf_secret");
}

TEST_F(Curl, FollowsARelativeRedirect) {
    EXPECT_EQ(get("/near").effective_url, server.url("/landed?x=1"));
}

TEST_F(Curl, LeavesOutTheBodyOfARedirect) {
    EXPECT_EQ(get("/near").body, k_bytes);
}

TEST_F(Curl, KeepsTheHeadersBeforeARedirect) {
    const auto headers = get("/near").first_headers;
    EXPECT_NE(
        std::ranges::find(headers, std::pair<std::string, std::string>("x-linked-size", "10")),
        headers.end());
}

TEST_F(Curl, DoesNotFollowARedirectWhenToldNotTo) {
    HttpRequest request = to("/away");
    request.max_redirects = 0;
    EXPECT_EQ(http->send(request)->status, 302);
}

TEST_F(Curl, GoesOnWithGetAfterSeeOther) {
    HttpRequest request = to("/see-other");
    request.method = "POST";
    request.body = "x";
    ASSERT_TRUE(http->send(request));
    EXPECT_EQ(server.requests().at(1).method, "GET");
}

TEST_F(Curl, PostsAgainAfterATemporaryRedirect) {
    HttpRequest request = to("/keep-method");
    request.method = "POST";
    request.body = "x";
    ASSERT_TRUE(http->send(request));
    EXPECT_EQ(server.requests().at(1).body, "x");
}

TEST_F(Curl, DoesNotGoInCircles) {
    const auto response = http->send(to("/circle"));
    EXPECT_EQ(response.error().code, ErrorCode::net);
    EXPECT_NE(response.error().message.find("/circle' -> '"), std::string::npos);
}

TEST_F(Curl, DoesNotFollowToAFile) {
    EXPECT_EQ(http->send(to("/file")).error().code, ErrorCode::policy);
}

TEST_F(Curl, DoesNotReadAFile) {
    HttpRequest request;
    request.url = "file:///etc/passwd";
    EXPECT_EQ(http->send(request).error().code, ErrorCode::net);
}

TEST_F(Curl, RefusesABodyOverTheLimit) {
    HttpRequest request = to("/");
    request.max_body = 9;
    EXPECT_EQ(http->send(request).error().code, ErrorCode::input);
}

TEST_F(Curl, AcceptsABodyAtTheLimit) {
    HttpRequest request = to("/");
    request.max_body = 10;
    EXPECT_TRUE(http->send(request));
}

TEST_F(Curl, PoursTheBodyIntoASink) {
    std::string got;
    const auto response = http->send(to("/"), [&got](std::string_view piece) {
        got += piece;
        return true;
    });
    EXPECT_EQ(std::pair(got, response->body), std::pair(k_bytes, std::string()));
}

TEST_F(Curl, LetsTheSinkEndTheTransfer) {
    EXPECT_EQ(http->send(to("/"), [](std::string_view) { return false; })->status, 200);
}

TEST_F(Curl, CutsABodyAtTheLimitWhenAskedTo) {
    HttpRequest request = to("/");
    request.max_body = 4;
    request.cut_at_max = true;
    const auto response = http->send(request);
    EXPECT_EQ(std::pair(response->body, response->was_cut), std::pair(std::string("0123"), true));
    request.max_body = 10;
    EXPECT_FALSE(http->send(request)->was_cut);
}

TEST_F(Curl, PoursNothingOfAnAnswerThatIsRefused) {
    HttpRequest request = to("/missing");
    int seen = 0;
    request.may_pour = [&seen](const HttpResponse& head) {
        seen = head.status;
        return false;
    };
    std::string got;
    const auto response = http->send(request, [&got](std::string_view piece) {
        got += piece;
        return true;
    });
    EXPECT_EQ(std::pair(seen, got), std::pair(404, std::string()));
    EXPECT_EQ(response->status, 404);
}

TEST_F(Curl, SendsManyAtOnceOverFewConnections) {
    std::atomic<int> right = 0;
    for (int round = 0; round < 3; ++round) {
        std::vector<std::jthread> callers;
        for (int i = 0; i < 8; ++i)
            callers.emplace_back([&] { right += get("/").body == k_bytes ? 1 : 0; });
    }
    EXPECT_EQ(right, 24);
    EXPECT_LE(server.connections(), 8);
}

TEST_F(Curl, DoesNotFollowToTheMetadataOfACloud) {
    const auto response = http->send(to("/cloud"));
    EXPECT_EQ(response.error().code, ErrorCode::policy);
}

TEST_F(Curl, TellsWhetherAnotherTryMayHelp) {
    EXPECT_TRUE(http->send(to("/breaks")).error().transient);
    HttpRequest nobody;
    nobody.url = "http://127.0.0.1:1/";
    EXPECT_FALSE(http->send(nobody).error().transient);
}

TEST_F(Curl, TellsWhenTheBodyIsCut) {
    EXPECT_EQ(http->send(to("/breaks")).error().code, ErrorCode::net);
}

TEST_F(Curl, TellsWhenTheBodyIsCutBeforeASink) {
    EXPECT_FALSE(http->send(to("/breaks"), [](std::string_view) { return true; }));
}

TEST_F(Curl, GivesUpWhenNothingArrivesAnyMore) {
    HttpRequest request = to("/hangs");
    request.stall_timeout = std::chrono::milliseconds(1000);
    EXPECT_EQ(http->send(request).error().code, ErrorCode::net);
}

TEST_F(Curl, IsEndedByAStopRequest) {
    std::stop_source stop;
    const std::jthread stopper([&stop] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        stop.request_stop();
    });
    EXPECT_EQ(http->send(to("/hangs"), {}, stop.get_token()).error().code, ErrorCode::interrupted);
}

TEST_F(Curl, TellsWhenNobodyListens) {
    HttpRequest request;
    request.url = "http://127.0.0.1:1/";
    EXPECT_EQ(http->send(request).error().code, ErrorCode::net);
}

TEST_F(Curl, ShowsNoSecretsOfAUrl) {
    HttpRequest request;
    request.url = "http://user:password@127.0.0.1:1/a/b?X-Amz-Signature=secret";
    const std::string message = http->send(request).error().message;
    EXPECT_TRUE(message.starts_with("no answer from 'http://127.0.0.1:1/a/b': ")) << message;
}

TEST_F(Curl, ShowsAnAtSignInAPath) {
    HttpRequest request;
    request.url = "http://127.0.0.1:1/a@b";
    const std::string message = http->send(request).error().message;
    EXPECT_TRUE(message.starts_with("no answer from 'http://127.0.0.1:1/a@b': ")) << message;
}

TEST_F(Curl, SendsNoHeaderWithALineBreak) {
    HttpRequest request = to("/");
    request.bearer = "hf_secret\r\nX-Other: 1";
    EXPECT_EQ(http->send(request).error().code, ErrorCode::usage);
}

TEST_F(Curl, TalksToALocalSocketWhateverTheProxy) {
    const taohf::test::TemporaryFolder folder;
    const std::string path = (folder.path() / "docker.sock").string();
    const LoopbackServer local([](const LoopbackRequest&) { return LoopbackResponse(); }, path);
    ::setenv("http_proxy", "http://127.0.0.1:1", 1);
    HttpRequest request;
    request.url = "http://localhost/version";
    request.unix_socket = path;
    const auto response = http->send(request);
    ::unsetenv("http_proxy");
    EXPECT_TRUE(response) << response.error().message;
}

TEST_F(Curl, GoesThroughTheProxyOfTheEnvironment) {
    ::setenv("http_proxy", server.url("").c_str(), 1);
    HttpRequest request;
    request.url = "http://nowhere.invalid/a";
    const auto response = http->send(request);
    ::unsetenv("http_proxy");
    EXPECT_EQ(server.requests().at(0).target, "http://nowhere.invalid/a");
}

} // namespace
} // namespace taohf::host
