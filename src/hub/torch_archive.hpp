#pragma once

#include <taohf/hub/inspection.hpp>

#include <vector>

namespace taohf::hub {

/// Names, shapes and dtypes in a `torch.save` zip file, from its directory and its pickle's
/// opcodes. Nothing is unpickled; see state_dict_pickle.hpp.
Result<std::vector<TensorInfo>> read_torch_archive(host::FileSystem& files, const host::Path& file);

} // namespace taohf::hub
