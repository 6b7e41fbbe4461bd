#include <gtest/gtest.h>

#include "../src/host/network.hpp"

namespace taohf::host {
namespace {

TEST(Network, KnowsAddressesByTheirText) {
    EXPECT_EQ(network_of("169.254.169.254"), Network::link_local);
    EXPECT_EQ(network_of("[fe80::1]"), Network::link_local);
    EXPECT_EQ(network_of("127.0.0.1"), Network::loopback);
    EXPECT_EQ(network_of("[::1]"), Network::loopback);
    EXPECT_EQ(network_of("0.0.0.0"), Network::loopback);
    EXPECT_EQ(network_of("10.1.2.3"), Network::internal);
    EXPECT_EQ(network_of("172.16.0.1"), Network::internal);
    EXPECT_EQ(network_of("192.168.1.1"), Network::internal);
    EXPECT_EQ(network_of("100.64.0.1"), Network::internal);
    EXPECT_EQ(network_of("[fd00::1]"), Network::internal);
    EXPECT_EQ(network_of("172.32.0.1"), Network::open);
    EXPECT_EQ(network_of("[2606:4700::1]"), Network::open);
}

TEST(Network, IsNotFooledByOtherSpellings) {
    EXPECT_EQ(network_of("2130706433"), Network::loopback); // 127.0.0.1 as one number
    EXPECT_EQ(network_of("0x7f.1"), Network::loopback);
    EXPECT_EQ(network_of("0251.0376.0251.0376"), Network::link_local);
    EXPECT_EQ(network_of("[::ffff:169.254.169.254]"), Network::link_local);
}

TEST(Network, KnowsNoNamesButLocalhost) {
    EXPECT_EQ(network_of("localhost"), Network::loopback);
    EXPECT_EQ(network_of("hub.localhost"), Network::loopback);
    EXPECT_EQ(network_of("huggingface.co"), std::nullopt);
}

TEST(Network, LetsARedirectLeadOutwardsOnly) {
    EXPECT_TRUE(may_redirect(Network::open, Network::open));
    EXPECT_FALSE(may_redirect(Network::open, Network::internal));
    EXPECT_FALSE(may_redirect(Network::open, Network::loopback));
    EXPECT_TRUE(may_redirect(Network::internal, Network::internal));
    EXPECT_TRUE(may_redirect(Network::internal, Network::open));
    EXPECT_FALSE(may_redirect(Network::internal, Network::loopback));
    EXPECT_TRUE(may_redirect(Network::loopback, Network::loopback));
    EXPECT_FALSE(may_redirect(Network::link_local, Network::link_local));
}

} // namespace
} // namespace taohf::host
