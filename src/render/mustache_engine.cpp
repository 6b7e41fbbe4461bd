#include <taohf/base/text.hpp>
#include <taohf/render/literal.hpp>
#include <taohf/render/template.hpp>

#include <kainjow/mustache.hpp>

#include <deque>

namespace taohf::render {

namespace {

using Data = kainjow::mustache::basic_data<std::string>;

/// Thrown through mustache's render, caught beside it.
struct Missing {
    std::string name;
    std::string message;
};

Result<std::string> formatted(const Json& value, const std::string& form) {
    if (form == "py")
        return python_literal(value);
    if (form == "yaml")
        return yaml_literal(value);
    if (form == "json")
        return value.dump(2);
    if (!value.is_string())
        return fail(ErrorCode::spec,
                    std::string("is a ") + value.type_name() +
                        " and needs a form: | py, | yaml or | json");
    return value.get<std::string>();
}

/// Names come from the innermost list item, then from the root; a missing one is an error.
class StrictContext final : public kainjow::mustache::basic_context<std::string> {
public:
    explicit StrictContext(const Json& root) : root_(root) {}

    void push(const Data* data) override { items_.push_back(item_of(data)); }

    void pop() override { items_.pop_back(); }

    const Data* get(const std::string& text) const override {
        const auto bar = text.find('|');
        const std::string name(text::trim(std::string_view(text).substr(0, bar)));
        const std::string form(bar == std::string::npos
                                   ? std::string_view{}
                                   : text::trim(std::string_view(text).substr(bar + 1)));
        const Json* value = find(name);
        if (value == nullptr)
            throw Missing{name, "there is no value '" + name + "'"};
        if (value->is_boolean() && form.empty())
            return keep(Data(value->get<bool>() ? Data::type::bool_true : Data::type::bool_false));
        if (value->is_array() && form.empty())
            return keep_list(*value);
        auto done = formatted(*value, form);
        if (!done)
            throw Missing{name, "'" + name + "' " + done.error().message};
        return keep(Data(std::move(*done)));
    }

    const Data* get_partial(const std::string& name) const override {
        throw Missing{name, "partials are not used"};
    }

private:
    /// mustache hands back the very object that keep_list made; its address names the JSON item.
    const Json* item_of(const Data* data) const {
        const auto found = items_of_.find(data);
        return found == items_of_.end() ? nullptr : found->second;
    }

    const Json* find(const std::string& name) const {
        for (auto item = items_.rbegin(); item != items_.rend(); ++item) {
            if (*item == nullptr)
                continue;
            if (name == "item" && !(*item)->is_object())
                return *item;
            if (const Json* found = find_path(**item, name))
                return found;
            break; // only the innermost item: outer ones would hide a slip
        }
        return find_path(root_, name);
    }

    const Data* keep(Data data) const {
        kept_.push_back(std::move(data));
        return &kept_.back();
    }

    const Data* keep_list(const Json& list) const {
        kept_.emplace_back(Data::type::list);
        Data& target = kept_.back();
        for (std::size_t i = 0; i < list.size(); ++i)
            target.push_back(Data(Data::type::object));
        std::size_t index = 0;
        for (const Data& entry : target.list_value())
            items_of_[&entry] = &list[index++];
        return &target;
    }

    const Json& root_;
    std::vector<const Json*> items_;
    mutable std::deque<Data> kept_;
    mutable std::map<const Data*, const Json*> items_of_;
};

/// Stands behind a joined section tag until the text is rendered: mustache would take an empty line
/// that follows the tag for the rest of the tag's own line.
constexpr char k_not_alone = '\x01';

/// A section tag alone on its line takes the whole line with it, also where the section is skipped
/// (mustache itself leaves an empty line then).
std::string join_standalone_sections(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        const std::string_view body = text::trim(line);
        const bool section = body.size() > 4 && body.starts_with("<%") &&
                             (body[2] == '#' || body[2] == '^' || body[2] == '/') &&
                             body.find("%>") == body.size() - 2;
        out += section ? body : line;
        if (section)
            out += k_not_alone;
        if (!section && end != std::string_view::npos)
            out += '\n';
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
    return out;
}

Error located(const Missing& missing, const std::vector<Tag>& tags, const std::string& name) {
    Error error;
    error.code = ErrorCode::spec;
    error.message = missing.message;
    error.span = Span{name, 0, 0};
    for (const Tag& tag : tags)
        if (tag.name == missing.name) {
            error.span = Span{name, tag.line, tag.column};
            break;
        }
    return error;
}

} // namespace

Result<std::string>
render_template(std::string_view text, const std::string& name, const Json& context) {
    TAOHF_TRY_ASSIGN(const std::vector<Tag> tags, scan_tags(text, name));
    if (text.find('\r') != std::string_view::npos)
        return fail(ErrorCode::spec, "'" + name + "' has CR line ends");
    kainjow::mustache::mustache engine("{{=<% %>=}}" + join_standalone_sections(text));
    if (!engine.is_valid())
        return fail(ErrorCode::spec,
                    "'" + name + "' is no valid template: " + engine.error_message());
    engine.set_custom_escape([](const std::string& value) { return value; });
    StrictContext strict(context);
    try {
        std::string result = engine.render(strict);
        if (!engine.is_valid())
            return fail(ErrorCode::spec,
                        "'" + name + "' could not be rendered: " + engine.error_message());
        std::erase(result, k_not_alone);
        return result;
    } catch (const Missing& missing) {
        return tl::unexpected<Error>(located(missing, tags, name));
    }
}

} // namespace taohf::render
