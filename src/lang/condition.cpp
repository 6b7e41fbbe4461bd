#include <taohf/base/text.hpp>
#include <taohf/lang/condition.hpp>

#include <algorithm>

namespace taohf::lang {

namespace {

Result<Json> parse_literal(std::string_view text) {
    text = text::trim(text);
    if (text.empty())
        return fail(ErrorCode::spec, "a literal is missing");
    if (text.front() == '\'') {
        if (text.size() < 2 || text.back() != '\'')
            return fail(ErrorCode::spec, "text without its closing quote: " + std::string(text));
        return Json(std::string(text.substr(1, text.size() - 2)));
    }
    if (text == "true" || text == "false")
        return Json(text == "true");
    if (text == "null")
        return Json();
    const bool numeric = text.find_first_not_of("+-.0123456789eE") == std::string_view::npos &&
                         text.find_first_of("0123456789") != std::string_view::npos;
    if (numeric)
        if (auto number = parse_json(text, "literal"))
            return *number;
    return Json(std::string(text));
}

Result<std::vector<Json>> parse_list(std::string_view text) {
    text = text::trim(text);
    if (text.size() < 2 || text.front() != '[' || text.back() != ']')
        return fail(ErrorCode::spec, "'in' needs a list in [ ]");
    std::vector<Json> literals;
    for (const std::string& part : text::split(text.substr(1, text.size() - 2), ',')) {
        TAOHF_TRY_ASSIGN(Json literal, parse_literal(part));
        literals.push_back(std::move(literal));
    }
    return literals;
}

std::string literal_text(const Json& literal) {
    return literal.is_string() ? "'" + literal.get<std::string>() + "'" : literal.dump();
}

Result<bool> equal(const Json& value, const Json& literal, const std::string& path) {
    const bool comparable = value.is_null() || literal.is_null() ||
                            value.type() == literal.type() ||
                            (value.is_number() && literal.is_number());
    if (!comparable)
        return fail(ErrorCode::spec,
                    "'" + path + "' is a " + value.type_name() + " and cannot equal " +
                        literal_text(literal));
    return value == literal;
}

} // namespace

Result<Condition> parse_condition(std::string_view text) {
    Condition condition;

    const struct {
        std::string_view sign;
        Condition::Operator op;
    } operators[] = {{" == ", Condition::Operator::equal},
                     {" != ", Condition::Operator::not_equal},
                     {" in ", Condition::Operator::in}};

    for (const auto& [sign, op] : operators) {
        const auto at = text.find(sign);
        if (at == std::string_view::npos)
            continue;
        condition.path = text::trim(text.substr(0, at));
        condition.op = op;
        const std::string_view rest = text.substr(at + sign.size());
        if (condition.path.empty() || condition.path.find(' ') != std::string::npos)
            return fail(ErrorCode::spec,
                        "'" + std::string(text) + "' has no dotted path on its left");
        if (op == Condition::Operator::in) {
            TAOHF_TRY_ASSIGN(condition.literals, parse_list(rest));
        } else {
            TAOHF_TRY_ASSIGN(Json literal, parse_literal(rest));
            condition.literals.push_back(std::move(literal));
        }
        return condition;
    }
    return fail(ErrorCode::spec,
                "'" + std::string(text) +
                    "' is no comparison: use 'path == literal', '!=' or 'in [a, b]'");
}

Result<bool> evaluate(const Condition& condition, const Json& scope) {
    const Json* value = find_path(scope, condition.path);
    if (value == nullptr)
        return fail(ErrorCode::spec,
                    "there is no value '" + condition.path + "' for 'when: " + to_text(condition) +
                        "'");
    for (const Json& literal : condition.literals) {
        TAOHF_TRY_ASSIGN(const bool same, equal(*value, literal, condition.path));
        if (same)
            return condition.op != Condition::Operator::not_equal;
    }
    return condition.op == Condition::Operator::not_equal;
}

namespace {

std::string written(const Condition& condition, std::string (*literal_text)(const Json& literal)) {
    if (condition.op != Condition::Operator::in)
        return condition.path + (condition.op == Condition::Operator::equal ? " == " : " != ") +
               literal_text(condition.literals.front());
    std::vector<std::string> literals;
    for (const Json& literal : condition.literals)
        literals.push_back(literal_text(literal));
    return condition.path + " in [" + text::join(literals, ", ") + "]";
}

} // namespace

std::string to_text(const Condition& condition) {
    return written(condition, literal_text);
}

std::string plain_text(const Condition& condition) {
    return written(condition, scalar_text);
}

} // namespace taohf::lang
