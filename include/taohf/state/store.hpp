#pragma once

#include <taohf/host/host.hpp>
#include <taohf/state/record.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace taohf::state {

/// The files of one port under `<workspace>/.taohf/<port>/`: state.json (atomic, serial + lineage),
/// journal.jsonl (append-only, one checksummed record a line, a cut last line is tolerated), lock.
class StateStore final {
public:
    /// Takes the lock (class LOCK when another run holds it) and loads, or starts, the state.
    /// Steps recorded as running by a crashed run become "interrupted".
    static Result<StateStore>
    open(host::Host& host, const host::Path& workspace, const std::string& port);

    /// The same state for who only looks: no lock, nothing written, also while another run goes on.
    /// save() and journal() are errors of class BUG.
    static Result<StateStore>
    read(host::Host& host, const host::Path& workspace, const std::string& port);

    /// Whether anything was ever recorded of the port.
    static bool exists(host::Host& host, const host::Path& workspace, const std::string& port);

    /// Without lock, for status, gate check and plan; nullopt when the port does not exist.
    static Result<std::optional<PortState>>
    peek(host::Host& host, const host::Path& workspace, const std::string& port);

    PortState& state() { return state_; }

    /// Bumps the serial and writes atomically. STATE error when the file on disk has another
    /// lineage or a newer serial (somebody else wrote it).
    Status save();
    /// Appends one event {ts, event, ...fields}.
    Status journal(const std::string& event, const Json& fields);

private:
    StateStore(host::Host& host, host::Path folder, std::unique_ptr<host::FileLock> lock);
    Status load(const std::string& port);
    Status check_disk();

    host::Host* host_;
    host::Path folder_;
    std::unique_ptr<host::FileLock> lock_;
    PortState state_;
    std::uint64_t loaded_serial_ = 0; ///< of the file on disk; 0 before the first save
    std::string written_;             ///< bytes of our last save: equal bytes need no parse
};

/// Names of the ports of a workspace, sorted.
Result<std::vector<std::string>> list_ports(host::Host& host, const host::Path& workspace);

} // namespace taohf::state
