#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace taohf {

/// SHA-256 over a stream of pieces; hex() ends it.
class Sha256 final {
public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;

    Sha256& update(std::string_view bytes);
    /// Adds length and bytes, so that two neighbouring fields cannot be confused.
    Sha256& field(std::string_view bytes);
    /// 64 lower-case hex digits; call once.
    std::string hex();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

std::string sha256(std::string_view bytes);

/// n random hex digits from the kernel, for lineages and run ids.
std::string random_hex(int digits);

} // namespace taohf
