#include <taohf/state/record.hpp>

#include <algorithm>

namespace taohf::state {

const StepRecord* PortState::find_step(const std::string& id) const {
    for (const PhaseRecord& record : phases)
        for (const StepRecord& step : record.steps)
            if (step.id == id)
                return &step;
    return nullptr;
}

StepRecord* PortState::find_step(const std::string& id) {
    return const_cast<StepRecord*>(std::as_const(*this).find_step(id));
}

PhaseRecord& PortState::phase(int number) {
    const auto place = std::lower_bound(
        phases.begin(), phases.end(), number, [](const PhaseRecord& record, int wanted) {
            return record.phase < wanted;
        });
    if (place != phases.end() && place->phase == number)
        return *place;
    PhaseRecord record;
    record.phase = number;
    return *phases.insert(place, std::move(record));
}

} // namespace taohf::state
