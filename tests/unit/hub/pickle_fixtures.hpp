#pragma once

#include <string>
#include <utility>
#include <vector>
#include <zlib.h>

#include "unit/hub/model_fixtures.hpp"

namespace taohf::test {

inline std::string little(std::uint64_t value, int bytes) {
    return length_bytes(value).substr(0, static_cast<std::size_t>(bytes));
}

inline std::string unicode(const std::string& text) {
    return "X" + little(text.size(), 4) + text;
}

/// The opcodes torch.save writes for one float tensor of shape [2, 3].
inline std::string
tensor_ops(const std::string& key, const std::string& storage, unsigned elements) {
    return unicode(key) + "ctorch._utils\n_rebuild_tensor_v2\n((" + unicode("storage") +
           "ctorch\nFloatStorage\n" + unicode(storage) + unicode("cpu") + "K" +
           static_cast<char>(elements) + "tQK" + '\0' + "K\x02K\x03\x86K\x03K\x01\x86\x89" +
           "ccollections\nOrderedDict\n)RtR";
}

inline std::string state_dict(const std::string& items) {
    return std::string("\x80\x02", 2) + "ccollections\nOrderedDict\n)R(" + items + "u.";
}

/// A stored zip archive, as torch writes it but for the data descriptors.
inline std::string zip(const std::vector<std::pair<std::string, std::string>>& entries) {
    std::string file;
    std::string directory;
    for (const auto& [name, data] : entries) {
        const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(data.data()), data.size());
        const std::string sizes = little(crc, 4) + little(data.size(), 4) + little(data.size(), 4);
        const std::string common = little(0x0800, 2) + little(0, 2) + little(0, 4) + sizes +
                                   little(name.size(), 2) + little(0, 2);
        directory += "PK\x01\x02" + little(0, 2) + little(0, 2) + common + little(0, 2) +
                     little(0, 2) + little(0, 2) + little(0, 4) + little(file.size(), 4) + name;
        file += "PK\x03\x04" + little(0, 2) + common + name + data;
    }
    const auto offset = file.size();
    return file + directory + "PK\x05\x06" + little(0, 4) + little(entries.size(), 2) +
           little(entries.size(), 2) + little(directory.size(), 4) + little(offset, 4) +
           little(0, 2);
}

} // namespace taohf::test
