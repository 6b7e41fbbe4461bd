// The Hub's answer about a model, and a shard index. Etags are hex, shard names are plain.

#include <algorithm>

#include "../src/hub/hub_cache.hpp"
#include "../src/hub/hub_client.hpp"
#include "support/fake_host.hpp"
#include "target.hpp"

namespace {

/// Answers every request with the same body.
class OneAnswer final : public taohf::host::Http {
public:
    explicit OneAnswer(std::string body) : body_(std::move(body)) {}

    taohf::Result<taohf::host::HttpResponse>
    send(const taohf::host::HttpRequest&, const taohf::host::BodySink&, std::stop_token) override {
        taohf::host::HttpResponse response;
        response.status = 200;
        response.body = body_;
        return response;
    }

private:
    std::string body_;
};

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace taohf;
    const std::string bytes(fuzz::bytes_of(data, size));
    OneAnswer http(bytes);
    test::FakeHost fake;
    host::Host host{fake.files, fake.processes, http, fake.clock, fake.environment, fake.secrets};
    hub::HubSettings settings;
    settings.endpoint = "https://hub.test";
    hub::HubClient client(host, settings, {"org/model", "main"});
    if (const auto model = client.model()) {
        fuzz::require(hub::is_commit(model->commit));
        for (const auto& [path, file] : model->files)
            fuzz::require(file.etag.empty() || file.etag.size() == 40 || file.etag.size() == 64);
    }
    if (const auto shards = hub::index_shards(bytes, "model.safetensors.index.json"))
        for (const auto& name : *shards)
            fuzz::require(name.find('/') == std::string::npos && name != "..");
    return 0;
}
