#pragma once

#include <taohf/container/engine.hpp>

#include <memory>

#include "scripted_docker.hpp"

namespace taohf::container {

/// Base of fixtures: a host with the real file system and clock, whose docker says what a test
/// scripts.
class ScriptedHost {
protected:
    ScriptedDocker docker_;
    ScriptedSocket socket_;
    FixedEnvironment environment_;
    std::unique_ptr<host::FileSystem> files_ = host::make_file_system();
    std::unique_ptr<host::Clock> clock_ = host::make_clock();
    SecretMask secrets_;
    host::Host host_{*files_, docker_, socket_, *clock_, environment_, secrets_};
    Engine engine_{host_};
};

} // namespace taohf::container
