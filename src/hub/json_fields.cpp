#include "json_fields.hpp"

#include <limits>

namespace taohf::hub {

namespace {

std::optional<std::int64_t> integer(const Json& value) {
    if (value.is_number_unsigned()) {
        const auto number = value.get<std::uint64_t>();
        if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            return std::nullopt;
        return static_cast<std::int64_t>(number);
    }
    if (value.is_number_integer())
        return value.get<std::int64_t>();
    return std::nullopt;
}

} // namespace

const Json* field(const Json& object, const std::string& key) {
    if (!object.is_object())
        return nullptr;
    const auto found = object.find(key);
    return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string text_field(const Json& object, const std::string& key) {
    const Json* value = field(object, key);
    return value && value->is_string() ? value->get<std::string>() : std::string();
}

std::optional<std::int64_t> integer_field(const Json& object, const std::string& key) {
    const Json* value = field(object, key);
    return value ? integer(*value) : std::nullopt;
}

std::optional<double> number_field(const Json& object, const std::string& key) {
    const Json* value = field(object, key);
    return value && value->is_number() ? std::optional(value->get<double>()) : std::nullopt;
}

std::optional<bool> boolean_field(const Json& object, const std::string& key) {
    const Json* value = field(object, key);
    return value && value->is_boolean() ? std::optional(value->get<bool>()) : std::nullopt;
}

std::vector<double> numbers_field(const Json& object, const std::string& key) {
    std::vector<double> numbers;
    const Json* value = field(object, key);
    if (!value || !value->is_array())
        return numbers;
    for (const auto& item : *value) {
        if (!item.is_number())
            return {};
        numbers.push_back(item.get<double>());
    }
    return numbers;
}

std::optional<std::pair<std::int64_t, std::int64_t>> side_lengths(const Json& value) {
    if (const auto side = integer(value))
        return std::pair(*side, *side);
    if (value.is_array() && value.size() == 2) {
        const auto height = integer(value[0]);
        const auto width = integer(value[1]);
        if (height && width)
            return std::pair(*height, *width);
    }
    const auto height = integer_field(value, "height");
    const auto width = integer_field(value, "width");
    if (height && width)
        return std::pair(*height, *width);
    return std::nullopt;
}

} // namespace taohf::hub
