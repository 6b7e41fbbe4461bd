#include <taohf/base/json.hpp>
#include <taohf/base/text.hpp>

#include <unordered_set>
#include <utility>
#include <vector>

namespace taohf {

namespace {

constexpr std::size_t k_max_bytes = 64u << 20;
constexpr std::size_t k_max_depth = 64;
constexpr std::size_t k_max_complaint = 300;

/// Builds the document itself instead of watching the library build it: the library would merge
/// duplicate keys, and it searches an ordered object once for every key.
// Json's null constructor is noexcept but passes on to one that allocates for other kinds.
// NOLINTNEXTLINE(bugprone-exception-escape)
class StrictBuilder final : public nlohmann::json_sax<Json> {
public:
    bool null() override { return add(nullptr); }

    bool boolean(bool value) override { return add(value); }

    bool number_integer(number_integer_t value) override { return add(value); }

    bool number_unsigned(number_unsigned_t value) override { return add(value); }

    bool number_float(number_float_t value, const string_t&) override { return add(value); }

    bool string(string_t& value) override { return add(std::move(value)); }

    bool binary(binary_t& value) override { return add(std::move(value)); }

    bool start_object(std::size_t) override { return open(Json::object()); }

    bool start_array(std::size_t) override { return open(Json::array()); }

    bool end_object() override { return close(); }

    bool end_array() override { return close(); }

    bool key(string_t& name) override {
        if (!open_.back().keys.insert(name).second)
            return complain("the key '" + name + "' stands twice");
        open_.back().key = std::move(name);
        return true;
    }

    bool parse_error(std::size_t,
                     const std::string&,
                     const nlohmann::detail::exception& exception) override {
        const std::string_view text = exception.what(); // "[json.exception.parse_error.101] ..."
        const auto name_end = text.find("] ");
        return complain(std::string(text.substr(name_end == text.npos ? 0 : name_end + 2)));
    }

    Json take() { return std::move(document_); }

    const std::string& complaint() const { return complaint_; }

private:
    struct Level {
        Json value;
        std::string key; ///< of the member that comes next
        std::unordered_set<std::string> keys;
    };

    bool complain(std::string text) {
        complaint_ = std::move(text);
        return false;
    }

    bool open(Json empty) {
        if (open_.size() >= k_max_depth)
            return complain("it is nested deeper than " + std::to_string(k_max_depth) + " levels");
        open_.push_back({std::move(empty), {}, {}});
        return true;
    }

    bool close() {
        Json ended = std::move(open_.back().value);
        open_.pop_back();
        return add(std::move(ended));
    }

    bool add(Json value) {
        if (open_.empty())
            document_ = std::move(value);
        else if (open_.back().value.is_array())
            open_.back().value.push_back(std::move(value));
        else
            open_.back().value.get_ref<Json::object_t&>().emplace_back(std::move(open_.back().key),
                                                                       std::move(value));
        return true;
    }

    Json document_;
    std::vector<Level> open_;
    std::string complaint_;
};

} // namespace

Result<Json> parse_json(std::string_view text, const std::string& name) {
    if (text.size() > k_max_bytes)
        return fail(ErrorCode::input,
                    "'" + name +
                        "' is too large for a JSON document: " + text::human_bytes(text.size()));
    if (!text::is_utf8(text))
        return fail(ErrorCode::input, "'" + name + "' is not UTF-8");
    StrictBuilder builder;
    if (Json::sax_parse(text, &builder))
        return builder.take();
    const std::string_view why = std::string_view(builder.complaint()).substr(0, k_max_complaint);
    return fail(ErrorCode::input, "'" + name + "' is no valid JSON: " + text::printable(why));
}

const Json* find_pointer(const Json& document, const std::string& pointer) {
    try {
        const Json::json_pointer path(pointer);
        return document.contains(path) ? &document.at(path) : nullptr;
    } catch (const std::exception&) {
        return nullptr; // a malformed pointer finds nothing
    }
}

const Json* find_path(const Json& document, std::string_view dotted) {
    const Json* at = &document;
    while (!dotted.empty()) {
        const auto dot = dotted.find('.');
        if (!at->is_object())
            return nullptr;
        const auto found = at->find(std::string(dotted.substr(0, dot)));
        if (found == at->end())
            return nullptr;
        at = &*found;
        dotted = dot == std::string_view::npos ? std::string_view{} : dotted.substr(dot + 1);
    }
    return at;
}

std::string scalar_text(const Json& value) {
    return value.is_string() ? value.get<std::string>()
                             : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace taohf
