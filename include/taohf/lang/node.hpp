#pragma once

#include <taohf/base/diagnostics.hpp>
#include <taohf/base/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace taohf::lang {

enum class NodeKind { null, scalar, sequence, mapping };

/// A YAML value with its place. Plain scalars keep their text; `quoted` tells "true" from true.
struct Node {
    NodeKind kind = NodeKind::null;
    std::string scalar;
    bool quoted = false;
    Span span;
    std::vector<Node> items;                          ///< sequence
    std::vector<std::pair<std::string, Node>> fields; ///< mapping, in file order
    std::vector<Span> key_spans;                      ///< one for each field

    // Declared here and defined where the type is complete: clang refuses to look inside the pair
    // while it is being built.
    Node();
    ~Node();
    Node(const Node& other);
    Node(Node&& other) noexcept;
    Node& operator=(const Node& other);
    Node& operator=(Node&& other) noexcept;

    const Node* find(std::string_view key) const;
};

/// Reads one YAML 1.2 document strictly: duplicate keys, tags, anchors, aliases, tabs, a second
/// document, depth > 64 or more than 20,000 nodes are errors with their place.
std::optional<Node>
read_yaml(std::string_view text, const std::string& file, Diagnostics& diagnostics);

/// YAML 1.2 core scalars: only true/false are booleans, quoted text stays text.
Json to_json(const Node& node);

} // namespace taohf::lang
