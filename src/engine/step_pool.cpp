#include "step_pool.hpp"

namespace taohf::engine {

void StepPool::start(std::function<Performed()> work) {
    ++running_;
    threads_.emplace_back([this, work = std::move(work)] {
        Performed performed = work();
        const std::lock_guard guard(mutex_);
        done_.push_back(std::move(performed));
        ended_.notify_one();
    });
}

Performed StepPool::wait() {
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return !done_.empty(); });
    Performed first = std::move(done_.front());
    done_.pop_front();
    --running_;
    return first;
}

} // namespace taohf::engine
