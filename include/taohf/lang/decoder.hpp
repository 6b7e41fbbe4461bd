#pragma once

#include <taohf/lang/node.hpp>

#include <optional>
#include <string>
#include <vector>

namespace taohf::lang {

/// Reads the fields of one mapping and reports every mistake with its place. Call finish() last:
/// it reports the keys nobody asked for, with the nearest known one as a hint.
class Decoder final {
public:
    Decoder(const Node& node, std::string what, Diagnostics& diagnostics);

    std::string required_text(const std::string& key);
    std::string text(const std::string& key, std::string fallback = {});
    long long integer(const std::string& key, long long fallback);
    bool boolean(const std::string& key, bool fallback);
    std::vector<std::string> texts(const std::string& key); ///< a list of scalars; empty if absent
    std::vector<long long> integers(const std::string& key);
    const Node* child(const std::string& key); ///< any kind; nullptr if absent
    const Node* required_child(const std::string& key, NodeKind kind);
    Json json(const std::string& key); ///< null if absent
    bool has(const std::string& key) const;

    void error(const std::string& key, std::string message, std::string hint = {});
    void finish();
    const Span& span() const;

private:
    const Node& node_;
    std::string what_;
    Diagnostics& diagnostics_;
    std::vector<std::string> asked_;
};

} // namespace taohf::lang
