#include <taohf/base/digest.hpp>
#include <taohf/lang/embedded.hpp>
#include <taohf/lang/library.hpp>
#include <taohf/lang/node.hpp>

#include <mutex>

namespace taohf::lang {

namespace {

std::mutex g_remembering; // steps that run side by side ask the same library

} // namespace

Library Library::embedded(std::string_view root) {
    Library library;
    library.origin_ = "embedded";
    const std::string prefix = std::string(root) + "/";
    library.prefix_ = prefix;
    for (const EmbeddedFile& file : embedded_files())
        if (file.path.starts_with(prefix))
            library.texts_.emplace(file.path.substr(prefix.size()), file.bytes);
    return library;
}

Result<Library> Library::from_folder(host::FileSystem& files, const host::Path& folder) {
    Library library;
    library.origin_ = folder.string();
    library.prefix_ = (folder / "").string();
    TAOHF_TRY_ASSIGN(const auto found, host::walk(files, folder));
    for (const auto& path : found) {
        if (path.string().find("__pycache__") != std::string::npos)
            continue;
        TAOHF_TRY_ASSIGN(library.texts_[path.generic_string()],
                         files.read(folder / path, 8u << 20));
    }
    return library;
}

Library Library::from_map(std::map<std::string, std::string> texts) {
    Library library;
    library.texts_ = std::move(texts);
    library.origin_ = "test";
    return library;
}

const std::string* Library::find(const std::string& path) const {
    const auto found = texts_.find(path);
    return found == texts_.end() ? nullptr : &found->second;
}

const Result<Json>& Library::document(const std::string& path) const {
    const std::lock_guard guard(g_remembering);
    const auto known = documents_.find(path);
    if (known != documents_.end())
        return known->second;
    const auto read = [&]() -> Result<Json> {
        const std::string* text = find(path);
        if (text == nullptr)
            return fail(ErrorCode::spec, "there is no template '" + path + "' (" + origin_ + ")");
        Diagnostics diagnostics;
        const auto node = read_yaml(*text, place(path), diagnostics);
        if (!node)
            return tl::unexpected<Error>(diagnostics.to_error());
        return to_json(*node);
    };
    return documents_.emplace(path, read()).first->second;
}

std::optional<std::string> Library::digest(const std::string& path) const {
    const std::string* text = find(path);
    if (text == nullptr)
        return std::nullopt;
    const std::lock_guard guard(g_remembering);
    std::string& known = digests_[path];
    if (known.empty())
        known = sha256(*text);
    return known;
}

std::vector<std::string> Library::list(std::string_view prefix) const {
    std::vector<std::string> paths;
    for (auto at = texts_.lower_bound(std::string(prefix));
         at != texts_.end() && at->first.starts_with(prefix);
         ++at)
        paths.push_back(at->first);
    return paths;
}

} // namespace taohf::lang
