#include "journal.hpp"

#include <taohf/base/digest.hpp>

#include <algorithm>

namespace taohf::state {

namespace {

constexpr std::string_view k_head = "{\"crc\":\"";
constexpr std::string_view k_middle = "\",\"record\":";
constexpr std::size_t k_check_digits = 8;
constexpr std::uint64_t k_end_bytes = 256u << 10;

std::string check_value(std::string_view record) {
    return sha256(record).substr(0, k_check_digits);
}

} // namespace

std::string journal_line(const Json& record) {
    const std::string bytes = record.dump(-1, ' ', false, Json::error_handler_t::replace);
    return std::string(k_head) + check_value(bytes) + std::string(k_middle) + bytes + "}\n";
}

std::optional<Json> read_journal_line(std::string_view line) {
    constexpr std::size_t before = k_head.size() + k_check_digits + k_middle.size();
    if (line.size() < before + 3 || !line.starts_with(k_head) || !line.ends_with('}') ||
        line.substr(k_head.size() + k_check_digits, k_middle.size()) != k_middle)
        return std::nullopt;
    const std::string_view record = line.substr(before, line.size() - before - 1);
    if (line.substr(k_head.size(), k_check_digits) != check_value(record))
        return std::nullopt;
    auto parsed = parse_json(record, "journal");
    if (!parsed || !parsed->is_object())
        return std::nullopt;
    return std::move(*parsed);
}

Result<JournalEnd> read_journal_end(host::FileSystem& files, const host::Path& path) {
    const auto info = files.stat(path);
    if (!info || info->size == 0)
        return JournalEnd{};
    const std::uint64_t offset = info->size > k_end_bytes ? info->size - k_end_bytes : 0;
    TAOHF_TRY_ASSIGN(const std::string bytes, files.read_range(path, offset, k_end_bytes));
    JournalEnd end;
    end.cut = !bytes.ends_with('\n');
    std::string_view rest = bytes;
    while (!rest.empty() && !end.last) {
        if (rest.ends_with('\n'))
            rest.remove_suffix(1);
        const std::size_t newline = rest.rfind('\n');
        const std::size_t start = newline == std::string_view::npos ? 0 : newline + 1;
        end.last = read_journal_line(rest.substr(start));
        rest = rest.substr(0, start);
    }
    return end;
}

std::uint64_t serial_of(const std::optional<Json>& record) {
    if (!record)
        return 0;
    const auto found = record->find("serial");
    return found != record->end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

} // namespace taohf::state
