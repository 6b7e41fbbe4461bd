#pragma once

#include <taohf/base/json.hpp>
#include <taohf/host/host.hpp>

#include <string>

namespace taohf::tao {

/// The four repositories of a workspace, in the order they are edited.
inline constexpr const char* k_repositories[] = {
    "tao-core", "tao-pytorch", "tao-deploy", "tao-dataservices"};

/// "core" or "inlined", detected from the files of one clone (never from a version number);
/// REPO error when its tests disagree or the release has no cv/backbone_v2.
Result<std::string> detect_layout(host::FileSystem& files, const host::Path& repository);

/// Facts of one clone: {path, commit, branch, clean, layout, console_scripts}.
Result<Json> repository_facts(host::Host& host, const host::Path& repository);

} // namespace taohf::tao
