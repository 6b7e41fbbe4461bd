// Zip container of a torch.save file and the pickle inside it.

#include "../src/hub/torch_archive.hpp"

#include "support/memory_file_system.hpp"
#include "target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace taohf;
    test::MemoryFileSystem files;
    files.put("/m/pytorch_model.bin", fuzz::bytes_of(data, size));
    const auto tensors = hub::read_torch_archive(files, "/m/pytorch_model.bin");
    fuzz::require(tensors || tensors.error().code == ErrorCode::input ||
                  tensors.error().code == ErrorCode::policy);
    return 0;
}
