#include "weights.hpp"

#include <taohf/base/parallel.hpp>
#include <taohf/base/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "json_fields.hpp"
#include "torch_archive.hpp"

namespace taohf::hub {

namespace {

constexpr std::uint64_t k_max_index = 64u << 20;
constexpr std::size_t k_max_shards = 10'000;
constexpr std::size_t k_shards_at_once = 8;

using TensorReader = Result<std::vector<TensorInfo>> (*)(host::FileSystem&, const host::Path&);

Result<std::vector<TensorInfo>>
read_file(SnapshotFiles& files, const std::string& name, TensorReader reader) {
    TAOHF_TRY_ASSIGN(const host::Path path, files.resolve(name));
    TAOHF_TRY_ASSIGN(auto tensors, reader(files.file_system(), path));
    for (auto& tensor : tensors)
        tensor.file = name; // the cache's blob has another name
    return tensors;
}

/// Shard names of an index in order; every one is a plain name of an existing file.
Result<std::vector<std::string>>
shard_names(SnapshotFiles& files, const std::string& index, const Json& weight_map) {
    std::vector<std::string> names;
    std::set<std::string> seen;
    for (const auto& [tensor, shard] : weight_map.items()) {
        if (!shard.is_string())
            return fail(
                ErrorCode::input,
                fmt::format("{}: weight_map names no file for {}", index, text::printable(tensor)));
        const auto name = shard.get<std::string>();
        if (!seen.insert(name).second)
            continue;
        if (!is_plain_name(name) || !files.has(name))
            return fail(ErrorCode::input,
                        fmt::format("{}: shard '{}' is no file of the snapshot",
                                    index,
                                    text::printable(name)));
        names.push_back(name);
    }
    if (names.empty() || names.size() > k_max_shards)
        return fail(ErrorCode::input, fmt::format("{} names {} shards", index, names.size()));
    return names;
}

/// The index and the shards must tell the same tensors at the same places.
Status check_shards(const std::string& index,
                    const Json& weight_map,
                    const std::vector<TensorInfo>& tensors) {
    std::set<std::string> seen;
    for (const auto& tensor : tensors) {
        if (!seen.insert(tensor.name).second)
            return fail(ErrorCode::input,
                        fmt::format("{} appears in two shards", text::printable(tensor.name)));
        const auto row = weight_map.find(tensor.name);
        if (row == weight_map.end() || row->get<std::string>() != tensor.file)
            return fail(
                ErrorCode::input,
                fmt::format(
                    "{} does not list {} of {}", index, text::printable(tensor.name), tensor.file));
    }
    for (const auto& [name, shard] : weight_map.items())
        if (!seen.contains(name))
            return fail(
                ErrorCode::input,
                fmt::format("{} lists {}, which is in no shard", index, text::printable(name)));
    return {};
}

Result<Weights> read_sharded(SnapshotFiles& files, const std::string& index, TensorReader reader) {
    TAOHF_TRY_ASSIGN(const std::string bytes, files.read(index, k_max_index));
    TAOHF_TRY_ASSIGN(const Json document, parse_json(bytes, index));
    const Json* weight_map = field(document, "weight_map");
    if (!weight_map || !weight_map->is_object())
        return fail(ErrorCode::input, fmt::format("{} has no weight_map", index));
    Weights weights;
    TAOHF_TRY_ASSIGN(weights.files, shard_names(files, index, *weight_map));
    std::vector<Result<std::vector<TensorInfo>>> parts(weights.files.size());
    for_each_at_once(parts.size(), k_shards_at_once, [&](std::size_t i) {
        parts[i] = read_file(files, weights.files[i], reader);
    });
    for (auto& part : parts) {
        if (!part)
            return tl::unexpected<Error>(std::move(part.error()));
        std::ranges::move(*part, std::back_inserter(weights.tensors));
    }
    TAOHF_TRY(check_shards(index, *weight_map, weights.tensors));
    return weights;
}

} // namespace

bool is_portable_class(const std::string& architecture) {
    for (const char* head :
         {"ForImageClassification", "Detection", "Segmentation", "DepthEstimation"})
        if (architecture.find(head) != std::string::npos)
            return true;
    return false;
}

Result<Weights> read_weights(SnapshotFiles& files) {
    for (const std::string name : k_weight_files) {
        if (!files.has(name))
            continue;
        const bool safetensors = name.starts_with("model.");
        const TensorReader reader = safetensors ? read_safetensors_header : read_torch_archive;
        Weights weights;
        if (name.ends_with(".json")) {
            TAOHF_TRY_ASSIGN(weights, read_sharded(files, name, reader));
        } else {
            TAOHF_TRY_ASSIGN(weights.tensors, read_file(files, name, reader));
            weights.files = {name};
        }
        weights.format = safetensors ? "safetensors" : "pytorch";
        return weights;
    }
    return fail(
        ErrorCode::input,
        fmt::format("the model has no weights: looked for {}", fmt::join(k_weight_files, ", ")),
        "put the checkpoint of the model beside its config.json");
}

std::int64_t parameter_count(const std::vector<TensorInfo>& tensors) {
    std::int64_t total = 0;
    for (const auto& tensor : tensors) {
        if (tensor.dtype.find('F') == std::string::npos && tensor.dtype.front() != 'C')
            continue;
        std::int64_t elements = 1;
        for (const auto dimension : tensor.shape)
            if (__builtin_mul_overflow(elements, dimension, &elements))
                return -1;
        total += elements;
    }
    return total;
}

} // namespace taohf::hub
