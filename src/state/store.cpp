#include <taohf/base/digest.hpp>
#include <taohf/state/store.hpp>

#include <algorithm>

#include "journal.hpp"

namespace taohf::state {

namespace {

constexpr const char* k_state = "state.json";
constexpr const char* k_backup = "state.json.bak";
constexpr const char* k_journal = "journal.jsonl";
constexpr std::uint64_t k_size_limit = 16u << 20;

/// The file's state; a STATE error names the file and what is wrong with it.
Result<PortState> parse_state(const std::string& bytes, const host::Path& path) {
    const std::string file = path.string();
    auto document = parse_json(bytes, file);
    if (!document)
        return fail(ErrorCode::state,
                    file + " is truncated or corrupt: " + document.error().message);
    return state_from_json(*document, file);
}

/// A FIFO would block the reader and a symlink could lead out of the workspace.
Result<std::string> read_plain(host::FileSystem& files, const host::Path& path) {
    const auto info = files.stat(path, false);
    if (!info || info->kind != host::FileKind::regular)
        return fail(ErrorCode::state, path.string() + " is missing or not a regular file");
    if (info->size > k_size_limit)
        return fail(ErrorCode::state, path.string() + " is larger than 16 MiB, no state file is");
    return files.read(path, k_size_limit);
}

Result<PortState> read_state_file(host::FileSystem& files, const host::Path& path) {
    TAOHF_TRY_ASSIGN(const std::string bytes, read_plain(files, path));
    return parse_state(bytes, path);
}

/// Tells what is left of a state that cannot be read, and how to get it back.
Error with_rescue(Error error, host::FileSystem& files, const host::Path& folder) {
    if (error.code != ErrorCode::state)
        return error;
    const auto end = read_journal_end(files, folder / k_journal);
    if (end && end->last)
        error.context.push_back("the last good journal record has the serial " +
                                std::to_string(serial_of(end->last)) + " (" +
                                scalar_text(end->last->value("ts", Json("no time"))) + ")");
    else
        error.context.push_back("the journal has no good record");
    const auto backup = read_state_file(files, folder / k_backup);
    const std::string name = (folder / k_state).string();
    if (backup) {
        error.kept = std::string(k_backup) + " holds the version before, serial " +
                     std::to_string(backup->serial) + " of " + backup->updated;
        if (error.next.empty())
            error.next = "cp '" + name + ".bak' '" + name + "'";
        return error;
    }
    error.kept = "results and journal are untouched; there is no usable " + std::string(k_backup);
    if (error.next.empty())
        error.next =
            "mv '" + folder.string() + "' '" + folder.string() + ".broken'   # and run anew";
    return error;
}

Status check_port(const PortState& state, const std::string& port, const host::Path& folder) {
    if (state.port == port)
        return {};
    return fail(ErrorCode::state,
                (folder / k_state).string() + " belongs to the port '" + state.port +
                    "', not to '" + port + "'");
}

/// True when a file shows that the port was begun, whatever is left of its state.
bool has_traces(host::FileSystem& files, const host::Path& folder) {
    const auto is_there = [&](const char* name) {
        return files.stat(folder / name, false).has_value();
    };
    return is_there(k_state) || is_there(k_backup) || is_there(k_journal);
}

Result<PortState>
load_state(host::FileSystem& files, const host::Path& folder, const std::string& port) {
    auto state = read_state_file(files, folder / k_state);
    if (!state)
        return tl::unexpected<Error>(with_rescue(std::move(state.error()), files, folder));
    TAOHF_TRY(check_port(*state, port, folder));
    return state;
}

/// A process that died cannot have finished what it recorded as running.
void interrupt_running(PortState& state) {
    for (PhaseRecord& phase : state.phases) {
        bool had_running = phase.conclusion == "running";
        for (StepRecord& step : phase.steps) {
            if (step.outcome != "running")
                continue;
            step.outcome = "interrupted";
            step.reason = "the run that started it ended without a result";
            had_running = true;
        }
        if (!had_running)
            continue;
        phase.conclusion = "interrupted";
        phase.reason = "an earlier run ended in this phase";
    }
}

host::Path folder_of(const host::Path& workspace, const std::string& port) {
    return workspace / ".taohf" / port;
}

} // namespace

StateStore::StateStore(host::Host& host, host::Path folder, std::unique_ptr<host::FileLock> lock)
    : host_(&host), folder_(std::move(folder)), lock_(std::move(lock)) {}

Result<StateStore>
StateStore::open(host::Host& host, const host::Path& workspace, const std::string& port) {
    const host::Path folder = folder_of(workspace, port);
    TAOHF_TRY(host.files.make_dirs(folder));
    TAOHF_TRY_ASSIGN(auto lock, host.files.lock(folder / "lock"));
    StateStore store(host, folder, std::move(lock));
    TAOHF_TRY(store.load(port));
    return store;
}

Result<StateStore>
StateStore::read(host::Host& host, const host::Path& workspace, const std::string& port) {
    const host::Path folder = folder_of(workspace, port);
    StateStore store(host, folder, nullptr);
    TAOHF_TRY_ASSIGN(store.state_, load_state(host.files, folder, port));
    return store;
}

bool StateStore::exists(host::Host& host, const host::Path& workspace, const std::string& port) {
    return has_traces(host.files, folder_of(workspace, port));
}

Result<std::optional<PortState>>
StateStore::peek(host::Host& host, const host::Path& workspace, const std::string& port) {
    const host::Path folder = folder_of(workspace, port);
    if (!has_traces(host.files, folder))
        return std::optional<PortState>();
    TAOHF_TRY_ASSIGN(PortState state, load_state(host.files, folder, port));
    return std::optional<PortState>(std::move(state));
}

Status StateStore::load(const std::string& port) {
    host::FileSystem& files = host_->files;
    if (!has_traces(files, folder_)) {
        state_.port = port;
        state_.lineage = random_hex(16);
        // Written at once: from here on a missing state.json beside a journal is a fault.
        return save();
    }
    TAOHF_TRY_ASSIGN(state_, load_state(files, folder_, port));
    loaded_serial_ = state_.serial;
    TAOHF_TRY_ASSIGN(const JournalEnd end, read_journal_end(files, folder_ / k_journal));
    // After a restored backup the journal is ahead; serials go on from the higher one.
    state_.serial = std::max(state_.serial, serial_of(end.last));
    if (end.cut)
        TAOHF_TRY(files.append(folder_ / k_journal, "\n"));
    interrupt_running(state_);
    return {};
}

Status StateStore::check_disk() {
    const host::Path path = folder_ / k_state;
    if (loaded_serial_ == 0)
        return {};
    TAOHF_TRY_ASSIGN(const std::string bytes, read_plain(host_->files, path));
    if (bytes == written_)
        return {};
    TAOHF_TRY_ASSIGN(const PortState on_disk, parse_state(bytes, path));
    if (on_disk.lineage != state_.lineage)
        return fail(ErrorCode::state,
                    path.string() + " has the lineage " + on_disk.lineage + ", this run has " +
                        state_.lineage + ": somebody else wrote it");
    if (on_disk.serial > loaded_serial_)
        return fail(ErrorCode::state,
                    path.string() + " has the serial " + std::to_string(on_disk.serial) +
                        ", this run wrote " + std::to_string(loaded_serial_) +
                        ": somebody else wrote it");
    return {};
}

Status StateStore::save() {
    if (lock_ == nullptr)
        return fail(ErrorCode::bug, "a state that was opened for reading cannot be saved");
    TAOHF_TRY(check_disk());
    host::FileSystem& files = host_->files;
    const host::Path path = folder_ / k_state;
    PortState next = state_;
    next.serial = state_.serial + 1;
    next.updated = host::utc_text(host_->clock.now());
    std::string bytes = to_json(next).dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
    bytes = host_->secrets.mask(bytes);
    if (loaded_serial_ != 0)
        TAOHF_TRY(files.copy(path, folder_ / k_backup));
    TAOHF_TRY(files.write_atomic(path, bytes));
    // Only what is on disk counts as saved; references into state_ stay valid.
    state_.serial = next.serial;
    state_.updated = std::move(next.updated);
    loaded_serial_ = state_.serial;
    written_ = std::move(bytes);
    return {};
}

Status StateStore::journal(const std::string& event, const Json& fields) {
    if (lock_ == nullptr)
        return fail(ErrorCode::bug, "a state that was opened for reading has no journal");
    Json record = {
        {"ts", host::utc_text(host_->clock.now())}, {"event", event}, {"serial", state_.serial}};
    for (const auto& [key, value] : fields.items())
        record[key] = value;
    const std::string bytes = record.dump(-1, ' ', false, Json::error_handler_t::replace);
    TAOHF_TRY_ASSIGN(const Json masked,
                     parse_json(host_->secrets.mask(bytes), "the journal record " + event));
    return host_->files.append(folder_ / k_journal, journal_line(masked));
}

Result<std::vector<std::string>> list_ports(host::Host& host, const host::Path& workspace) {
    const host::Path folder = workspace / ".taohf";
    std::vector<std::string> ports;
    if (!host.files.stat(folder))
        return ports;
    TAOHF_TRY_ASSIGN(const std::vector<std::string> names, host.files.list(folder));
    for (const std::string& name : names)
        if (has_traces(host.files, folder / name))
            ports.push_back(name);
    return ports;
}

} // namespace taohf::state
