#pragma once

#include <string>
#include <string_view>

namespace taohf::hub {

/// The name git gives a file: SHA-1 over "blob <size>\0" and the bytes, 40 hex digits. The Hub's
/// ETag of every file that is not in LFS.
std::string git_blob_sha1(std::string_view bytes);

} // namespace taohf::hub
