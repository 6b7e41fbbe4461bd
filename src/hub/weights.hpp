#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "snapshot_files.hpp"

namespace taohf::hub {

struct Weights {
    std::string format;             ///< "safetensors" or "pytorch"
    std::vector<std::string> files; ///< as loaded, in order
    std::vector<TensorInfo> tensors;
};

/// The weight files of a model by the loaders' order, named here once for messages.
inline constexpr const char* k_weight_files[] = {"model.safetensors",
                                                 "model.safetensors.index.json",
                                                 "pytorch_model.bin",
                                                 "pytorch_model.bin.index.json"};

/// By its name, a class with a head that TAO's tasks could have. The decision is task.hpp's: this
/// only says whether looking at the weights before it may be worth the while.
bool is_portable_class(const std::string& architecture);

/// Names, shapes and dtypes of all tensors. INPUT error naming the files looked for when there are
/// none, or the rule a file breaks.
Result<Weights> read_weights(SnapshotFiles& files);

/// Number of elements of all tensors but integer and boolean ones (buffers such as counters).
std::int64_t parameter_count(const std::vector<TensorInfo>& tensors);

} // namespace taohf::hub
