#pragma once

#include <span>
#include <string_view>

namespace taohf::lang {

/// A file of phases/ or templates/ inside the binary. `path` is relative to the project's root.
struct EmbeddedFile {
    std::string_view path;
    std::string_view bytes;
};

/// Sorted by path. Defined by the build (cmake/EmbedFiles.cmake).
std::span<const EmbeddedFile> embedded_files();

} // namespace taohf::lang
