#pragma once

#include <taohf/hub/inspection.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace taohf::hub {

struct PickledTensor {
    TensorInfo info;
    std::string storage;             ///< key of its record in the archive
    std::uint64_t storage_bytes = 0; ///< what that record must hold
};

/// Follows the opcodes of a state dict with symbolic values; no callable exists that could run.
/// A global outside torch's tensor builders is a POLICY error naming it, an opcode outside the set
/// that torch's own restricted unpickler takes is an INPUT error.
Result<std::vector<PickledTensor>> read_state_dict_pickle(std::string_view pickle,
                                                          const std::string& name);

} // namespace taohf::hub
