#include <taohf/base/text.hpp>
#include <taohf/lang/node.hpp>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/parser.h>
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cmath>
#include <set>
#include <sstream>

namespace taohf::lang {

Node::Node() = default;
Node::~Node() = default;
Node::Node(const Node& other) = default;
Node::Node(Node&& other) noexcept = default;
Node& Node::operator=(const Node& other) = default;
Node& Node::operator=(Node&& other) noexcept = default;

const Node* Node::find(std::string_view key) const {
    for (const auto& [name, value] : fields)
        if (name == key)
            return &value;
    return nullptr;
}

namespace {

constexpr std::size_t k_max_nodes = 20'000;
constexpr std::size_t k_max_depth = 64;

/// Ends the parse at once; the diagnostic is already reported.
struct Stop {};

/// Builds Nodes from yaml-cpp's events and refuses what configuration never needs.
class Builder final : public YAML::EventHandler {
public:
    Builder(std::string file, Diagnostics& diagnostics)
        : file_(std::move(file)), diagnostics_(diagnostics) {}

    Node root;

    void OnDocumentStart(const YAML::Mark&) override {}

    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        refuse(mark, "?", anchor);
        place(make(mark, NodeKind::null));
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        stop(mark, "alias not allowed");
    }

    void OnScalar(const YAML::Mark& mark,
                  const std::string& tag,
                  YAML::anchor_t anchor,
                  const std::string& value) override {
        refuse(mark, tag, anchor);
        Node node = make(mark, NodeKind::scalar);
        node.scalar = value;
        node.quoted = tag == "!"; // yaml-cpp marks quoted scalars so
        if (!node.quoted && (value == "null" || value == "~" || value.empty()))
            node.kind = NodeKind::null;
        place(std::move(node));
    }

    void OnSequenceStart(const YAML::Mark& mark,
                         const std::string& tag,
                         YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        refuse(mark, tag, anchor);
        open(make(mark, NodeKind::sequence));
    }

    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark& mark,
                    const std::string& tag,
                    YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        refuse(mark, tag, anchor);
        open(make(mark, NodeKind::mapping));
    }

    void OnMapEnd() override { close(); }

private:
    struct Open {
        Node node;
        std::optional<std::string> key;
        Span key_span;
        std::set<std::string> keys;
    };

    Span span(const YAML::Mark& mark) const { return {file_, mark.line + 1, mark.column + 1}; }

    [[noreturn]] void stop(const YAML::Mark& mark, const std::string& text) {
        diagnostics_.error(span(mark), text);
        throw Stop{};
    }

    void refuse(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
        if (anchor != 0)
            stop(mark, "anchor not allowed");
        if (!tag.empty() && tag != "?" && tag != "!")
            stop(mark, "tag " + tag + " not allowed");
        if (++count_ > k_max_nodes)
            stop(mark, "more than 20000 values");
        if (stack_.size() >= k_max_depth)
            stop(mark, "nested deeper than 64");
    }

    Node make(const YAML::Mark& mark, NodeKind kind) const {
        Node node;
        node.kind = kind;
        node.span = span(mark);
        return node;
    }

    void open(Node node) {
        stack_.push_back({});
        stack_.back().node = std::move(node);
    }

    void close() {
        Node node = std::move(stack_.back().node);
        stack_.pop_back();
        place(std::move(node));
    }

    void place(Node node) {
        if (stack_.empty()) {
            root = std::move(node);
            return;
        }
        Open& top = stack_.back();
        if (top.node.kind == NodeKind::sequence) {
            top.node.items.push_back(std::move(node));
        } else if (!top.key) {
            take_key(top, node);
        } else {
            top.node.fields.emplace_back(std::move(*top.key), std::move(node));
            top.node.key_spans.push_back(top.key_span);
            top.key.reset();
        }
    }

    void take_key(Open& top, const Node& node) {
        if (node.kind != NodeKind::scalar) {
            diagnostics_.error(node.span, "a key must be plain text");
            throw Stop{};
        }
        if (!top.keys.insert(node.scalar).second)
            diagnostics_.error(node.span, "duplicate key '" + node.scalar + "'");
        top.key = node.scalar;
        top.key_span = node.span;
    }

    std::string file_;
    Diagnostics& diagnostics_;
    std::vector<Open> stack_;
    std::size_t count_ = 0;
};

bool has_tab_indent(std::string_view text, Span& where) {
    int line = 1;
    for (const std::string& row : text::split(text, '\n')) {
        const auto first = row.find_first_not_of(' ');
        if (first != std::string::npos && row[first] == '\t') {
            where.line = line;
            where.column = static_cast<int>(first) + 1;
            return true;
        }
        ++line;
    }
    return false;
}

} // namespace

std::optional<Node>
read_yaml(std::string_view text, const std::string& file, Diagnostics& diagnostics) {
    Span where{file, 1, 1};
    if (!text::is_utf8(text)) {
        diagnostics.error(where, "not UTF-8");
        return std::nullopt;
    }
    if (has_tab_indent(text, where)) {
        diagnostics.error(where, "tab in the indentation");
        return std::nullopt;
    }
    std::istringstream stream{std::string(text)};
    Builder builder(file, diagnostics);
    try {
        YAML::Parser parser(stream);
        if (!parser.HandleNextDocument(builder)) {
            diagnostics.error(where, "empty document");
            return std::nullopt;
        }
        Diagnostics ignored;
        Builder second(file, ignored);
        if (parser.HandleNextDocument(second)) {
            diagnostics.error(second.root.span, "a second document in one file");
            return std::nullopt;
        }
    } catch (const Stop&) {
        return std::nullopt;
    } catch (const YAML::Exception& exception) {
        const bool flow = exception.msg.find("end of map flow not found") != std::string::npos;
        diagnostics.error({file, exception.mark.line + 1, exception.mark.column + 1},
                          exception.msg,
                          flow ? "inside { } quote values that hold ${...}" : "");
        return std::nullopt;
    }
    if (diagnostics.has_errors())
        return std::nullopt;
    return std::move(builder.root);
}

namespace {

/// YAML 1.2 core schema numbers; everything else stays text.
Json scalar_json(const std::string& text) {
    if (text == "true" || text == "false")
        return text == "true";
    long long integer = 0;
    const char* end = text.data() + text.size();
    const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
    if (const auto result = std::from_chars(begin, end, integer);
        result.ec == std::errc() && result.ptr == end)
        return integer;
    if (text.find_first_not_of("+-.0123456789eE") == std::string::npos &&
        text.find_first_of("0123456789") != std::string::npos) {
        double number = 0;
        if (const auto result = std::from_chars(begin, end, number);
            result.ec == std::errc() && result.ptr == end && std::isfinite(number))
            return number;
    }
    return text;
}

} // namespace

Json to_json(const Node& node) {
    switch (node.kind) {
    case NodeKind::null:
        return nullptr;
    case NodeKind::scalar:
        return node.quoted ? Json(node.scalar) : scalar_json(node.scalar);
    case NodeKind::sequence: {
        Json list = Json::array();
        for (const Node& item : node.items)
            list.push_back(to_json(item));
        return list;
    }
    case NodeKind::mapping: {
        Json object = Json::object();
        for (const auto& [key, value] : node.fields)
            object[key] = to_json(value);
        return object;
    }
    }
    return nullptr;
}

} // namespace taohf::lang
