#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

namespace taohf {

/// Calls `work` with 0 .. count-1, on as many threads as asked for at most, and returns when all
/// are done. `work` must not throw.
inline void for_each_at_once(std::size_t count,
                             std::size_t threads,
                             const std::function<void(std::size_t)>& work) {
    std::atomic<std::size_t> next = 0;
    const auto take_all = [&] {
        for (std::size_t i = next++; i < count; i = next++)
            work(i);
    };
    std::vector<std::jthread> helpers;
    for (std::size_t i = 1; i < std::min(count, threads); ++i)
        helpers.emplace_back(take_all);
    take_all();
}

} // namespace taohf
