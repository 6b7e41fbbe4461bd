#pragma once

#include <taohf/base/error.hpp>
#include <taohf/host/host.hpp>

#include <string>
#include <vector>

namespace taohf::tao {

/// "google/vit-base-patch16-224" -> "vit_base_patch16_224".
std::string derive_short_name(const std::string& model);

/// "vit_base_p16" -> "VitBaseP16".
std::string class_name(const std::string& short_name);

/// USAGE error when the name is no `^[a-z][a-z0-9_]{1,40}$` identifier, a Python keyword, builtin,
/// standard-library or installed top-level package name.
Status check_short_name(const std::string& short_name);

/// REPO error naming the place when the workspace's clones already have a package, schema or
/// console command of that name which this port did not write.
Status
check_not_taken(host::Host& host, const host::Path& workspace, const std::string& short_name);

} // namespace taohf::tao
