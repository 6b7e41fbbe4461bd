#include "network.hpp"

#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>

namespace taohf::host {

namespace {

Network network_of_ipv4(std::uint32_t address) {
    const auto within = [&](std::uint32_t prefix, int bits) {
        return (address >> (32 - bits)) == (prefix >> (32 - bits));
    };
    if (within(0xa9fe0000, 16))
        return Network::link_local;
    if (within(0x7f000000, 8) || within(0, 8)) // 0.0.0.0 is this host
        return Network::loopback;
    if (within(0x0a000000, 8) || within(0xac100000, 12) || within(0xc0a80000, 16) ||
        within(0x64400000, 10))
        return Network::internal;
    return Network::open;
}

Network network_of_ipv6(const in6_addr& address) {
    if (IN6_IS_ADDR_V4MAPPED(&address)) {
        std::uint32_t inner = 0;
        std::memcpy(&inner, &address.s6_addr[12], sizeof inner);
        return network_of_ipv4(ntohl(inner));
    }
    if (IN6_IS_ADDR_LINKLOCAL(&address))
        return Network::link_local;
    if (IN6_IS_ADDR_LOOPBACK(&address) || IN6_IS_ADDR_UNSPECIFIED(&address))
        return Network::loopback;
    return (address.s6_addr[0] & 0xfe) == 0xfc ? Network::internal : Network::open;
}

} // namespace

Network network_of(const sockaddr& address) {
    if (address.sa_family == AF_INET) {
        sockaddr_in ipv4{};
        std::memcpy(&ipv4, &address, sizeof ipv4);
        return network_of_ipv4(ntohl(ipv4.sin_addr.s_addr));
    }
    sockaddr_in6 ipv6{};
    std::memcpy(&ipv6, &address, sizeof ipv6);
    return network_of_ipv6(ipv6.sin6_addr);
}

std::optional<Network> network_of(const std::string& host) {
    in_addr ipv4{};
    in6_addr ipv6{};
    if (::inet_aton(host.c_str(), &ipv4) != 0) // also 127.1 and 2130706433, as resolvers read them
        return network_of_ipv4(ntohl(ipv4.s_addr));
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    const std::string bare = bracketed ? host.substr(1, host.size() - 2) : host;
    if (::inet_pton(AF_INET6, bare.c_str(), &ipv6) == 1)
        return network_of_ipv6(ipv6);
    if (host == "localhost" || host.ends_with(".localhost"))
        return Network::loopback;
    return std::nullopt;
}

bool may_redirect(Network from, Network to) {
    return to != Network::link_local && to >= from;
}

} // namespace taohf::host
