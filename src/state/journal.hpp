#pragma once

#include <taohf/base/json.hpp>
#include <taohf/host/file_system.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace taohf::state {

/// One line of journal.jsonl, with its newline: `{"crc":"<8 hex>","record":{...}}`. The check value
/// is the start of the SHA-256 of the record's bytes as they stand in the line.
std::string journal_line(const Json& record);

/// The record of a line, or nullopt when the line is cut or changed.
std::optional<Json> read_journal_line(std::string_view line);

struct JournalEnd {
    std::optional<Json> last; ///< the last good record
    bool cut = false;         ///< the file does not end with a newline: a crash cut its last line
};

/// Looks at the last part of the file only; an absent file is an empty journal.
Result<JournalEnd> read_journal_end(host::FileSystem& files, const host::Path& path);

/// State serial of a record, 0 when it has none.
std::uint64_t serial_of(const std::optional<Json>& record);

} // namespace taohf::state
