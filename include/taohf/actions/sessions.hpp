#pragma once

#include <taohf/base/json.hpp>
#include <taohf/container/engine.hpp>
#include <taohf/host/host.hpp>

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace taohf::actions {

/// One long-lived container for each isolation context of a port (inspect, pytorch, deploy ...),
/// started when a step first needs it and removed when the run ends. A marker file tells the next
/// run that a killed one may have left containers behind.
class Sessions final {
public:
    Sessions(host::Host& host, container::Engine& engine, host::Path workspace, std::string port);

    /// `profile` is the interpolated profile document (templates/profiles/<id>.yaml).
    void configure(Json profile, std::string dataset);

    /// The context's settings: image, environment, network, gpus ...; SPEC error when unknown.
    Result<Json> settings(const std::string& context) const;
    /// What the container would be created with; pure.
    Result<container::ContainerSpec> spec(const std::string& context) const;
    /// Id of the running session.
    Result<std::string> ensure(const std::string& context);
    Status release(const std::string& context);
    /// Removes what this run started; keeps the first error.
    Status release_all();
    /// Removes what a killed run left, if its marker says that there may be something.
    Status recover();

    int started() const { return started_; }

    /// Id of an image, asked once a run; "absent" when there is none. Read by fingerprints.
    Result<std::string> image_id(const std::string& tag);
    /// After the tag was built anew.
    void forget_image(const std::string& tag);

    /// Value of the label that marks this workspace's containers.
    std::string workspace_label() const;

private:
    host::Path marker() const;

    host::Host& host_;
    container::Engine& engine_;
    host::Path workspace_;
    std::string port_;
    Json profile_ = Json::object();
    std::string dataset_;
    std::map<std::string, std::string> running_;
    std::map<std::string, std::string> image_ids_;
    int started_ = 0;
    std::mutex mutex_; ///< over running_ and image_ids_: steps may run side by side
};

} // namespace taohf::actions
