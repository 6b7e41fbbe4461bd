// Header of a safetensors file. What is accepted tiles the data section exactly.

#include <taohf/hub/inspection.hpp>

#include "target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace taohf;
    const auto bytes = fuzz::bytes_of(data, size);
    const auto tensors = hub::parse_safetensors_header(bytes, size, "model.safetensors");
    if (!tensors) {
        fuzz::require(tensors.error().code == ErrorCode::input);
        return 0;
    }
    std::uint64_t total = 0;
    for (const auto& tensor : *tensors) {
        fuzz::require(tensor.begin <= tensor.end && tensor.end <= size);
        total += tensor.end - tensor.begin;
    }
    fuzz::require(total <= size);
    return 0;
}
