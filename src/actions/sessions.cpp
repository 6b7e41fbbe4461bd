#include <taohf/actions/sessions.hpp>
#include <taohf/base/digest.hpp>

namespace taohf::actions {

namespace {

constexpr const char* k_repositories[] = {
    "tao-core", "tao-pytorch", "tao-deploy", "tao-dataservices"};

std::string text_or(const Json& settings, const char* key, const std::string& fallback) {
    const auto found = settings.find(key);
    return found != settings.end() && found->is_string() ? found->get<std::string>() : fallback;
}

void mount_repositories(container::ContainerSpec& spec,
                        host::FileSystem& files,
                        const host::Path& workspace) {
    for (const char* repository : k_repositories) {
        const host::Path folder = workspace / repository;
        if (!files.stat(folder))
            continue;
        const std::string inside = std::string("/workspace/") + repository;
        spec.mounts.push_back({folder.string(), inside, false});
        if (files.stat(folder / ".git"))
            spec.tmpfs.push_back(inside + "/.git");
    }
}

/// torch asks for the user's name at import, and frameworks write below HOME.
void set_identity(container::ContainerSpec& spec, const host::Environment& environment) {
    spec.user =
        std::to_string(environment.user_id()) + ":" + std::to_string(environment.group_id());
    for (const auto& [name, value] : {std::pair{"HOME", "/tmp/home"},
                                      {"USER", "taohf"},
                                      {"LOGNAME", "taohf"},
                                      {"XDG_CACHE_HOME", "/tmp/home/.cache"},
                                      {"MPLCONFIGDIR", "/tmp/home/.cache/matplotlib"}})
        spec.environment.emplace_back(name, value);
}

} // namespace

Sessions::Sessions(host::Host& host,
                   container::Engine& engine,
                   host::Path workspace,
                   std::string port)
    : host_(host), engine_(engine), workspace_(std::move(workspace)), port_(std::move(port)) {}

void Sessions::configure(Json profile, std::string dataset) {
    profile_ = std::move(profile);
    dataset_ = std::move(dataset);
}

Result<Json> Sessions::settings(const std::string& context) const {
    const Json* found = find_path(profile_, "contexts." + context);
    if (found == nullptr)
        return fail(ErrorCode::spec, "the profile has no container context '" + context + "'");
    return *found;
}

std::string Sessions::workspace_label() const {
    return sha256(workspace_.string()).substr(0, 12);
}

Result<container::ContainerSpec> Sessions::spec(const std::string& context) const {
    TAOHF_TRY_ASSIGN(const Json settings, this->settings(context));
    container::ContainerSpec spec;
    spec.name = "taohf-" + port_ + "-" + context + "-" + workspace_label();
    spec.image = text_or(settings, "image", "");
    spec.labels = {{"taohf", "1"},
                   {"taohf.workspace", workspace_label()},
                   {"taohf.port", workspace_label() + "-" + port_},
                   {"taohf.context", context}};
    if (settings.value("repositories", true))
        mount_repositories(spec, host_.files, workspace_);
    spec.mounts.push_back(
        {(workspace_ / "results" / port_).string(), "/workspace/results/" + port_, false});
    if (!dataset_.empty())
        spec.mounts.push_back({dataset_, "/data/" + port_, true});
    set_identity(spec, host_.environment);
    if (const auto variables = settings.find("environment"); variables != settings.end())
        for (const auto& [name, value] : variables->items())
            spec.environment.emplace_back(name, scalar_text(value));
    spec.network = text_or(settings, "network", "none");
    spec.gpus = text_or(settings, "gpus", "");
    spec.shm_size = text_or(settings, "shm_size", "1g");
    spec.memory = text_or(settings, "memory", "");
    spec.working_directory = "/workspace/results/" + port_;
    spec.argv = {"sleep", "infinity"};
    return spec;
}

Result<std::string> Sessions::image_id(const std::string& tag) {
    const std::lock_guard guard(mutex_);
    if (const auto known = image_ids_.find(tag); known != image_ids_.end())
        return known->second;
    TAOHF_TRY_ASSIGN(const auto ids, engine_.image_ids({tag}));
    const auto found = ids.find(tag);
    return image_ids_[tag] = found == ids.end() ? "absent" : found->second;
}

void Sessions::forget_image(const std::string& tag) {
    const std::lock_guard guard(mutex_);
    image_ids_.erase(tag);
}

host::Path Sessions::marker() const {
    return workspace_ / ".taohf" / port_ / "sessions";
}

Result<std::string> Sessions::ensure(const std::string& context) {
    const std::lock_guard guard(mutex_);
    if (const auto found = running_.find(context); found != running_.end())
        return found->second;
    TAOHF_TRY_ASSIGN(const container::ContainerSpec spec, this->spec(context));
    TAOHF_TRY(host_.files.make_dirs(workspace_ / "results" / port_));
    TAOHF_TRY(host_.files.write_atomic(marker(), "a run of this port may have containers\n"));
    TAOHF_TRY_ASSIGN(const std::string id, engine_.start_session(spec));
    ++started_;
    running_[context] = id;
    return id;
}

Status Sessions::release(const std::string& context) {
    std::string id;
    {
        const std::lock_guard guard(mutex_);
        const auto found = running_.find(context);
        if (found == running_.end())
            return {};
        id = found->second;
        running_.erase(found);
    }
    return engine_.remove(id);
}

Status Sessions::release_all() {
    Status first;
    while (!running_.empty())
        if (Status status = release(running_.begin()->first); !status && first)
            first = std::move(status);
    if (first && host_.files.stat(marker()))
        first = host_.files.remove(marker());
    return first;
}

Status Sessions::recover() {
    if (!host_.files.stat(marker()))
        return {};
    TAOHF_TRY(engine_.reap("taohf.port=" + workspace_label() + "-" + port_));
    return host_.files.remove(marker());
}

} // namespace taohf::actions
