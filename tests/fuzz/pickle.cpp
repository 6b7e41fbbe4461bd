// Pickle of a state dict, interpreted symbolically. Every tensor accepted fits its storage.

#include "../src/hub/state_dict_pickle.hpp"
#include "target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace taohf;
    const auto tensors =
        hub::read_state_dict_pickle(fuzz::bytes_of(data, size), "pytorch_model.bin");
    if (!tensors) {
        fuzz::require(tensors.error().code == ErrorCode::input ||
                      tensors.error().code == ErrorCode::policy);
        return 0;
    }
    for (const auto& tensor : *tensors) {
        bool empty = false;
        for (const auto dimension : tensor.info.shape) {
            fuzz::require(dimension >= 0);
            empty = empty || dimension == 0;
        }
        fuzz::require(empty || tensor.storage_bytes > 0);
    }
    return 0;
}
