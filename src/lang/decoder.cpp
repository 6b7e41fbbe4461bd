#include <taohf/base/text.hpp>
#include <taohf/lang/decoder.hpp>

#include <algorithm>

namespace taohf::lang {

Decoder::Decoder(const Node& node, std::string what, Diagnostics& diagnostics)
    : node_(node), what_(std::move(what)), diagnostics_(diagnostics) {
    if (node.kind != NodeKind::mapping)
        diagnostics_.error(node.span, what_ + " must be a mapping");
}

const Node* Decoder::child(const std::string& key) {
    asked_.push_back(key);
    return node_.find(key);
}

bool Decoder::has(const std::string& key) const {
    return node_.find(key) != nullptr;
}

const Span& Decoder::span() const {
    return node_.span;
}

void Decoder::error(const std::string& key, std::string message, std::string hint) {
    const Node* at = node_.find(key);
    diagnostics_.error(at == nullptr ? node_.span : at->span, std::move(message), std::move(hint));
}

std::string Decoder::required_text(const std::string& key) {
    if (!has(key)) {
        asked_.push_back(key);
        if (node_.kind == NodeKind::mapping)
            diagnostics_.error(node_.span, what_ + " needs '" + key + "'");
        return {};
    }
    return text(key);
}

std::string Decoder::text(const std::string& key, std::string fallback) {
    const Node* found = child(key);
    if (found == nullptr)
        return fallback;
    if (found->kind != NodeKind::scalar)
        error(key, "'" + key + "' must be text");
    return found->scalar;
}

long long Decoder::integer(const std::string& key, long long fallback) {
    const Node* found = child(key);
    if (found == nullptr)
        return fallback;
    const Json value = to_json(*found);
    if (!value.is_number_integer()) {
        error(key, "'" + key + "' must be a whole number");
        return fallback;
    }
    return value.get<long long>();
}

bool Decoder::boolean(const std::string& key, bool fallback) {
    const Node* found = child(key);
    if (found == nullptr)
        return fallback;
    const Json value = to_json(*found);
    if (!value.is_boolean()) {
        error(key, "'" + key + "' must be true or false");
        return fallback;
    }
    return value.get<bool>();
}

std::vector<std::string> Decoder::texts(const std::string& key) {
    std::vector<std::string> result;
    const Node* found = child(key);
    if (found == nullptr)
        return result;
    if (found->kind != NodeKind::sequence)
        error(key, "'" + key + "' must be a list");
    for (const Node& item : found->items) {
        if (item.kind != NodeKind::scalar)
            diagnostics_.error(item.span, "an item of '" + key + "' must be text");
        result.push_back(item.scalar);
    }
    return result;
}

std::vector<long long> Decoder::integers(const std::string& key) {
    std::vector<long long> result;
    const Node* found = child(key);
    if (found == nullptr)
        return result;
    if (found->kind != NodeKind::sequence)
        error(key, "'" + key + "' must be a list");
    for (const Node& item : found->items) {
        const Json value = to_json(item);
        if (value.is_number_integer())
            result.push_back(value.get<long long>());
        else
            diagnostics_.error(item.span, "an item of '" + key + "' must be a whole number");
    }
    return result;
}

const Node* Decoder::required_child(const std::string& key, NodeKind kind) {
    const Node* found = child(key);
    if (found == nullptr || found->kind != kind) {
        if (node_.kind == NodeKind::mapping)
            error(key,
                  what_ + " needs '" + key + "' as a " +
                      (kind == NodeKind::mapping ? "mapping" : "list"));
        return nullptr;
    }
    return found;
}

Json Decoder::json(const std::string& key) {
    const Node* found = child(key);
    return found == nullptr ? Json() : to_json(*found);
}

void Decoder::finish() {
    for (std::size_t i = 0; i < node_.fields.size(); ++i) {
        const std::string& key = node_.fields[i].first;
        if (std::ranges::find(asked_, key) != asked_.end())
            continue;
        const auto near = text::nearest(key, asked_);
        diagnostics_.error(node_.key_spans[i],
                           what_ + " knows no '" + key + "'",
                           near ? "did you mean '" + *near + "'?" : "");
    }
}

} // namespace taohf::lang
