#include <taohf/base/diagnostics.hpp>
#include <taohf/base/error.hpp>

#include <gtest/gtest.h>

namespace taohf {
namespace {

Result<int> refuse() {
    return fail(ErrorCode::input, "the file is empty", "taohf inspect");
}

Result<int> pass_on() {
    TAOHF_TRY_ASSIGN(const int value, refuse());
    return value + 1;
}

TEST(ErrorClass, IsTheWordScriptsSee) {
    EXPECT_EQ(error_class(ErrorCode::needs_input), "NEEDS_INPUT");
}

TEST(ErrorClass, CallsAnInterruptionASignal) {
    EXPECT_EQ(error_class(ErrorCode::interrupted), "SIGNAL");
}

TEST(ExitCode, IsTheNumberOfTheClass) {
    EXPECT_EQ(exit_code(refuse().error()), 10);
}

TEST(ExitCode, OfAnInterruptionTellsTheSignal) {
    Error error;
    error.code = ErrorCode::interrupted;
    error.signal = 15;
    EXPECT_EQ(exit_code(error), 143);
}

TEST(ExitCode, OfAnInterruptionWithoutASignalIs130) {
    Error error;
    error.code = ErrorCode::interrupted;
    EXPECT_EQ(exit_code(error), 130);
}

TEST(TryAssign, PassesTheErrorOn) {
    EXPECT_EQ(pass_on().error().next, "taohf inspect");
}

TEST(FormatError, HasTheFourPartsInOrder) {
    Error error;
    error.code = ErrorCode::spec;
    error.message = "unknown key 'neds'";
    error.span = Span{"phases/1.yaml", 3, 5};
    error.context = {"while reading step train", "while reading phase 1"};
    error.kept = "state.json";
    error.next = "taohf plan";
    EXPECT_EQ(format_error(error),
              "phases/1.yaml:3:5: unknown key 'neds'\n"
              "  while reading step train\n"
              "  while reading phase 1\n"
              "  kept: state.json\n"
              "  next: taohf plan");
}

TEST(FormatError, LeavesOutAnUnknownPlace) {
    Error error;
    error.message = "broken";
    error.span = Span{"a.yaml", 0, 0};
    EXPECT_EQ(format_error(error), "a.yaml: broken");
}

TEST(DiagnosticList, IsFreeOfErrorsWithWarningsOnly) {
    Diagnostics diagnostics;
    diagnostics.report({Severity::warning, {"a.yaml", 1, 1}, "unused", ""});
    EXPECT_FALSE(diagnostics.has_errors());
}

TEST(DiagnosticList, FormatsOneLineForEachFinding) {
    Diagnostics diagnostics;
    diagnostics.error({"a.yaml", 2, 3}, "unknown key 'neds'", "did you mean 'needs'?");
    diagnostics.report({Severity::warning, {"a.yaml", 4, 0}, "unused", ""});
    EXPECT_EQ(diagnostics.format(),
              "a.yaml:2:3: error: unknown key 'neds' (did you mean 'needs'?)\n"
              "a.yaml:4: warning: unused");
}

TEST(DiagnosticList, FormatsAFindingWithoutAFile) {
    Diagnostics diagnostics;
    diagnostics.error({}, "no phases", "");
    EXPECT_EQ(diagnostics.format(), "error: no phases");
}

TEST(DiagnosticList, BecomesAnErrorOfClassSpec) {
    Diagnostics diagnostics;
    diagnostics.error({"a.yaml", 2, 3}, "no phases", "");
    EXPECT_EQ(diagnostics.to_error().code, ErrorCode::spec);
    EXPECT_EQ(diagnostics.to_error().message,
              "a.yaml:2:3: no phases"); // who prints it says "error"
}

} // namespace
} // namespace taohf
