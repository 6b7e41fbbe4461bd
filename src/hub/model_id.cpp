#include "model_id.hpp"

#include <taohf/base/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace taohf::hub {

namespace {

constexpr std::size_t k_max_name = 96;

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// The Hub's rule, ASCII only: word characters, '-' and '.', no "--" or "..", no ".git".
bool valid_part(const std::string& part) {
    return !part.empty() && part.size() <= k_max_name && is_word(part.front()) &&
           is_word(part.back()) && part.find("--") == std::string::npos &&
           part.find("..") == std::string::npos && !part.ends_with(".git") &&
           std::all_of(
               part.begin(), part.end(), [](char c) { return is_word(c) || c == '-' || c == '.'; });
}

bool valid_revision(const std::string& revision) {
    return !revision.empty() && revision.size() <= 200 && is_word(revision.front()) &&
           revision.back() != '/' && revision.find("..") == std::string::npos &&
           revision.find("//") == std::string::npos &&
           std::all_of(revision.begin(), revision.end(), [](char c) {
               return is_word(c) || c == '-' || c == '.' || c == '/';
           });
}

bool strip_prefix(std::string& text, const std::string& prefix) {
    if (prefix.empty() || !text.starts_with(prefix))
        return false;
    text.erase(0, prefix.size());
    return true;
}

} // namespace

std::string ModelId::cache_name() const {
    return "models--" + text::replace_all(repository, "/", "--");
}

bool is_commit(const std::string& text) {
    return text.size() == 40 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

bool is_repository_name(const std::string& text) {
    const auto parts = text::split(text, '/');
    return !parts.empty() && parts.size() <= 2 && std::ranges::all_of(parts, valid_part);
}

Result<ModelId> parse_model_id(const std::string& text, const std::string& endpoint) {
    std::string rest = text;
    ModelId id;
    const bool url = strip_prefix(rest, endpoint + "/") ||
                     strip_prefix(rest, "https://huggingface.co/") ||
                     strip_prefix(rest, "https://hf.co/") ||
                     strip_prefix(rest, "huggingface.co/") || strip_prefix(rest, "hf.co/");
    if (!url && !strip_prefix(rest, "hf://"))
        strip_prefix(rest, "hf-hub:");
    while (url && rest.ends_with('/'))
        rest.pop_back();
    if (const auto tree = rest.find("/tree/"); url && tree != std::string::npos) {
        id.revision = rest.substr(tree + 6);
        rest.resize(tree);
    } else if (const auto at = rest.find('@'); at != std::string::npos) {
        id.revision = rest.substr(at + 1);
        rest.resize(at);
    }
    if (!is_repository_name(rest))
        return fail(ErrorCode::usage,
                    fmt::format("'{}' is neither a folder nor a model id of the Hub",
                                text::printable(text)),
                    "name an existing folder, org/name, or org/name@revision");
    if (!valid_revision(id.revision))
        return fail(ErrorCode::usage,
                    fmt::format("'{}' is no revision of a model", text::printable(id.revision)));
    id.repository = rest;
    return id;
}

} // namespace taohf::hub
