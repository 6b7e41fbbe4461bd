#pragma once

#include <taohf/base/secrets.hpp>
#include <taohf/host/clock.hpp>
#include <taohf/host/environment.hpp>
#include <taohf/host/file_system.hpp>
#include <taohf/host/http.hpp>
#include <taohf/host/process.hpp>

namespace taohf::host {

/// The five seams, built once in main and once per test. Owns nothing.
struct Host {
    FileSystem& files;
    ProcessRunner& processes;
    Http& http;
    Clock& clock;
    Environment& environment;
    SecretMask& secrets;
};

} // namespace taohf::host
