#include <taohf/render/literal.hpp>

#include <cmath>

namespace taohf::render {

namespace {

Result<std::string> number(const Json& value) {
    if (value.is_number_float() && !std::isfinite(value.get<double>()))
        return fail(ErrorCode::spec, "NaN and infinity have no literal");
    return value.dump();
}

template <class Scalar> Result<std::string> collection(const Json& value, const Scalar& scalar) {
    std::string text = value.is_array() ? "[" : "{";
    bool first = true;
    for (const auto& [key, item] : value.items()) {
        text += first ? "" : ", ";
        first = false;
        if (value.is_object())
            text += Json(key).dump() + ": ";
        TAOHF_TRY_ASSIGN(const std::string inner,
                         item.is_structured() ? collection(item, scalar) : scalar(item));
        text += inner;
    }
    return text + (value.is_array() ? "]" : "}");
}

Result<std::string> python_scalar(const Json& value) {
    if (value.is_null())
        return std::string("None");
    if (value.is_boolean())
        return std::string(value.get<bool>() ? "True" : "False");
    return value.is_number() ? number(value) : Result<std::string>(value.dump());
}

Result<std::string> yaml_scalar(const Json& value) {
    return value.is_number() ? number(value) : Result<std::string>(value.dump());
}

} // namespace

Result<std::string> python_literal(const Json& value) {
    return value.is_structured() ? collection(value, python_scalar) : python_scalar(value);
}

Result<std::string> yaml_literal(const Json& value) {
    return value.is_structured() ? collection(value, yaml_scalar) : yaml_scalar(value);
}

} // namespace taohf::render
