#pragma once

#include <taohf/host/host.hpp>

#include "support/fake_environment.hpp"
#include "support/fake_http.hpp"
#include "support/fake_process_runner.hpp"
#include "support/manual_clock.hpp"
#include "support/memory_file_system.hpp"

namespace taohf::test {

/// All five seams as fakes, and the Host over them.
struct FakeHost {
    MemoryFileSystem files;
    FakeProcessRunner processes;
    FakeHttp http;
    ManualClock clock;
    FakeEnvironment environment;
    SecretMask secrets;
    host::Host host{files, processes, http, clock, environment, secrets};

    FakeHost() = default;
    FakeHost(const FakeHost&) = delete;
    FakeHost& operator=(const FakeHost&) = delete;
};

} // namespace taohf::test
