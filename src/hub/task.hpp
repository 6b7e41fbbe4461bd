#pragma once

#include <string>
#include <vector>

#include "own_code.hpp"

namespace taohf::hub {

/// What the model is for, and why. Refused when `reason` is not empty.
struct TaskDecision {
    std::string architecture;            ///< the class, also where config.json names none
    std::string code_module;             ///< that defines it, when it is the repository's own
    std::string task;                    ///< one of the seven, or what a refused model does
    std::vector<std::string> evidence;   ///< one sentence each, decisive first
    std::string confidence = "certain";  ///< "certain", "likely" or "guess"
    std::vector<std::string> candidates; ///< more than one when the class leaves it open
    bool is_vision = false;              ///< a vision class of the family table
    std::string reason;                  ///< why it is refused
    std::string alternative;             ///< the nearest thing that can be ported
    Json row = Json::object();           ///< the class's row of the family table
};

/// The class in `architectures[0]` decides, before it one in `auto_map` where code of the
/// repository is allowed; names, labels and the model card only where it leaves
/// the task open.
TaskDecision decide_task(const ModelConfig& model,
                         const std::string& model_id,
                         std::size_t label_count,
                         const std::string& pipeline_tag,
                         const Json& family_table,
                         const OwnCode& code = {});

} // namespace taohf::hub
