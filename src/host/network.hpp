#pragma once

#include <optional>
#include <string>

#include <sys/socket.h>

namespace taohf::host {

/// How far an address reaches, nearest first.
enum class Network { link_local, loopback, internal, open };

/// The network of an address, in binary or in text ("127.0.0.1", "[::1]", "localhost"); nullopt
/// when the text is a name that must be resolved first.
Network network_of(const sockaddr& address);
std::optional<Network> network_of(const std::string& host);

/// A redirect may lead outwards or sideways, never to a nearer network than the first host's: that
/// is how a server reaches services that only this machine can see. Link-local addresses (cloud
/// metadata) are never its business.
bool may_redirect(Network from, Network to);

} // namespace taohf::host
