# One interface target carries the options of our own code; libraries are included as SYSTEM.
add_library(taohf_options INTERFACE)
target_compile_options(taohf_options INTERFACE
    -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual -Werror
    # g++ 12 warns falsely about `"x" + std::string` (GCC bug 105651).
    # ... about std::optional (GCC bug 80635), and about moved strings in tl::expected (GCC bug 105329).
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-maybe-uninitialized -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread>)
