#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

// Each target file defines this function; libFuzzer's main, or replay.cpp's, calls it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace taohf::fuzz {

inline std::string_view bytes_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// Ends the process when something that must always hold does not.
inline void require(bool holds) {
    if (!holds)
        __builtin_trap();
}

} // namespace taohf::fuzz
