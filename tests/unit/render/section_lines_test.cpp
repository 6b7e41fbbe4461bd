#include <taohf/render/template.hpp>

#include <gtest/gtest.h>

namespace taohf {
namespace {

std::string rendered(const std::string& text, bool flag) {
    return render::render_template(text, "t", Json{{"flag", flag}}).value_or("error");
}

TEST(SectionLines, AnEmptyLineBehindATagStays) {
    const std::string text = "a\n<%#flag%>\n\nb\n<%/flag%>\n\nc\n";
    EXPECT_EQ(rendered(text, true), "a\n\nb\n\nc\n");
    EXPECT_EQ(rendered(text, false), "a\n\nc\n");
}

TEST(SectionLines, ATagAloneOnItsLineTakesTheLineWithIt) {
    const std::string text = "a\n  <%#flag%>\nb\n  <%/flag%>\nc\n";
    EXPECT_EQ(rendered(text, true), "a\nb\nc\n");
    EXPECT_EQ(rendered(text, false), "a\nc\n");
}

TEST(SectionLines, NeighbouringSectionsKeepTheLinesBetweenThem) {
    const std::string text = "<%#flag%>\nyes\n\n\n<%/flag%>\n<%^flag%>\nno\n\n\n<%/flag%>\nend\n";
    EXPECT_EQ(rendered(text, true), "yes\n\n\nend\n");
    EXPECT_EQ(rendered(text, false), "no\n\n\nend\n");
}

} // namespace
} // namespace taohf
