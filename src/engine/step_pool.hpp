#pragma once

#include <taohf/base/error.hpp>
#include <taohf/base/json.hpp>

#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace taohf::engine {

/// How the work of one step ended.
struct Performed {
    std::string step;
    int attempts = 0;
    double seconds = 0;
    Result<Json> outputs = Json::object();
};

/// Works on several steps at once, each on a thread of its own, and hands them back as they end.
/// Waits for all of them when it goes away.
class StepPool final {
public:
    void start(std::function<Performed()> work);
    /// Blocks until one is done; call it only while running() > 0.
    Performed wait();

    std::size_t running() const { return running_; }

private:
    std::size_t running_ = 0; ///< of the thread that starts and waits
    std::mutex mutex_;
    std::condition_variable ended_;
    std::list<Performed> done_;
    std::vector<std::jthread> threads_; // last: joined before what they use goes away
};

} // namespace taohf::engine
