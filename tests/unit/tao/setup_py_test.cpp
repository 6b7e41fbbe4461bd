#include <taohf/tao/setup_py.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace taohf {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* k_entry = "vit=nvidia_tao_pytorch.cv.vit.entrypoint.vit:main";

std::string add(const std::string& source) {
    const auto edited = tao::add_console_script(source, "setup.py", k_entry);
    EXPECT_TRUE(edited) << (edited ? "" : edited.error().message);
    return edited.value_or("");
}

constexpr const char* k_usual = R"(import setuptools

NAME = "console_scripts"  # not this one
setuptools.setup(
    name='nvidia_tao',
    entry_points={
        'console_scripts': [
            'dino=a.dino:main',
            # SDG entry point
            'sdg = a.sdg:main',
        ],
        'other': ['x=y:z'],
    },
)
)";

TEST(SetupPy, lists_the_console_scripts) {
    const auto scripts = tao::console_scripts(k_usual, "setup.py");
    ASSERT_TRUE(scripts);
    EXPECT_THAT(*scripts, ElementsAre("dino=a.dino:main", "sdg=a.sdg:main"));
}

TEST(SetupPy, adds_one_line_and_keeps_the_rest) {
    std::string expected = k_usual;
    const std::string anchor = "'sdg = a.sdg:main',\n";
    expected.insert(expected.find(anchor) + anchor.size(),
                    "            '" + std::string(k_entry) + "',\n");
    EXPECT_EQ(add(k_usual), expected);
}

/// Each form of the list, with the text that must stand in it after the edit.
struct Form {
    const char* name;
    std::string before;
    std::string after;
};

class SetupPyForm : public testing::TestWithParam<Form> {};

TEST_P(SetupPyForm, is_edited_in_its_own_style_and_back) {
    const std::string before =
        "setup(entry_points={\"console_scripts\": " + GetParam().before + "})\n";
    const std::string after =
        "setup(entry_points={\"console_scripts\": " + GetParam().after + "})\n";
    EXPECT_EQ(add(before), after);
    EXPECT_EQ(add(after), after) << "a second edit changes nothing";
    EXPECT_EQ(tao::remove_console_script(after, "setup.py", k_entry).value_or("error"), before);
}

const std::string k_single = "'" + std::string(k_entry) + "'";
const std::string k_double = "\"" + std::string(k_entry) + "\"";

INSTANTIATE_TEST_SUITE_P(
    Forms,
    SetupPyForm,
    testing::Values(
        Form{"empty", "[]", "[" + k_single + "]"},
        Form{"one_line", "['a=b:c']", "['a=b:c', " + k_single + "]"},
        Form{"one_line_comma", "[\"a=b:c\",]", "[\"a=b:c\", " + k_double + ",]"},
        Form{"double_quotes", "[\n  \"a=b:c\",\n]", "[\n  \"a=b:c\",\n  " + k_double + ",\n]"},
        Form{"no_trailing_comma", "[\n\t'a=b:c'\n]", "[\n\t'a=b:c',\n\t" + k_single + "\n]"},
        Form{"comment_behind",
             "[\n  'a=b:c'  # [note, 'x=y:z']\n]",
             "[\n  'a=b:c',  # [note, 'x=y:z']\n  " + k_single + "\n]"},
        Form{"bracket_on_line",
             "[\n  'z=b:c',\n  'a=b:c']",
             "[\n  'z=b:c',\n  'a=b:c',\n  " + k_single + "]"},
        Form{"commented_out_tail",
             "[\n  'a=b:c',\n  # 'old=b:c',\n]",
             "[\n  'a=b:c',\n  " + k_single + ",\n  # 'old=b:c',\n]"},
        Form{"windows_line_ends",
             "[\r\n  'a=b:c',\r\n]",
             "[\r\n  'a=b:c',\r\n  " + k_single + ",\r\n]"},
        Form{"joined_strings",
             "[\n  'a=b.'\n  'c:d',\n]",
             "[\n  'a=b.'\n  'c:d',\n  " + k_single + ",\n]"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(SetupPy, refuses_the_name_with_another_target) {
    const auto edited = tao::add_console_script(k_usual, "setup.py", "dino=b.c:main");
    ASSERT_FALSE(edited);
    EXPECT_EQ(edited.error().code, ErrorCode::repo);
    EXPECT_THAT(edited.error().message, HasSubstr("dino=a.dino:main"));
}

TEST(SetupPy, wants_a_literal_list_inside_setup) {
    for (const char* source : {"setup(entry_points=SCRIPTS)\n",
                               "X = {'console_scripts': ['a=b:c']}\n",
                               "setup()\nX = {'console_scripts': ['a=b:c']}\n",
                               "# setup(entry_points={'console_scripts': ['a=b:c']})\n",
                               "setup(entry_points={'console_scripts': ['a=b:c'",
                               "setup(x='open"}) {
        const auto scripts = tao::console_scripts(source, "setup.py");
        ASSERT_FALSE(scripts) << source;
        EXPECT_EQ(scripts.error().code, ErrorCode::repo);
    }
}

} // namespace

} // namespace taohf
