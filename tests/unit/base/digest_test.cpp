#include <taohf/base/digest.hpp>

#include <gtest/gtest.h>

namespace taohf {
namespace {

TEST(Sha256Digest, OfAbcIsThePublishedOne) {
    EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256Digest, OfPiecesIsThatOfTheWhole) {
    EXPECT_EQ(Sha256().update("a").update("bc").hex(), sha256("abc"));
}

TEST(Sha256Digest, TellsNeighbouringFieldsApart) {
    EXPECT_NE(Sha256().field("ab").field("c").hex(), Sha256().field("a").field("bc").hex());
}

TEST(RandomHex, HasTheLengthAskedForAndHexDigitsOnly) {
    const std::string text = random_hex(33);
    EXPECT_TRUE(text.size() == 33 &&
                text.find_first_not_of("0123456789abcdef") == std::string::npos)
        << text;
}

TEST(RandomHex, DiffersFromCallToCall) {
    EXPECT_NE(random_hex(32), random_hex(32));
}

} // namespace
} // namespace taohf
