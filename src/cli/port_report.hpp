#pragma once

#include <taohf/cli/command.hpp>
#include <taohf/hub/inspection.hpp>

#include <string>

namespace taohf::cli {

/// Where a port's index.html lies.
std::string report_path(const Context& context, const std::string& port);
bool report_exists(const Context& context, const std::string& port);

/// Writes the report of a port; returns the path of its index.html.
Result<std::string>
write_port_report(const Context& context, const state::PortState& state, const Json& scope);

/// Three lines for the end of a run: verdict, what was emulated, where the report lies.
std::string summary(const state::PortState& state, const std::string& report);

/// The inspection document of a model that may be a folder, a cached or a remote one.
Result<Json> inspect_model(const Context& context, const std::string& model, hub::RemoteCode code);
/// The same for many models at once, with the family table that is read but once. For any thread.
Result<Json> inspect_model(const Context& context,
                           const Json& families,
                           const std::string& model,
                           hub::RemoteCode code);

} // namespace taohf::cli
