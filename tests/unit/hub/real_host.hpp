#pragma once

#include <taohf/host/host.hpp>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <unistd.h>

namespace taohf::test {

/// A folder of its own below the system's temporary one, removed at the end.
class TemporaryFolder final {
public:
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "taohf-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr)
            throw std::runtime_error("no temporary folder");
        path_ = pattern;
    }

    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

    void write(const std::string& name, std::string_view bytes) const {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream file(path_ / name, std::ios::binary);
        file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }

    std::string read(const std::string& name) const {
        std::ifstream file(path_ / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

private:
    std::filesystem::path path_;
};

/// The kernel's own seams; tests replace single ones by building Host themselves.
struct RealHost {
    std::unique_ptr<host::FileSystem> files = host::make_file_system();
    std::unique_ptr<host::ProcessRunner> processes = host::make_process_runner();
    std::unique_ptr<host::Http> http = host::make_curl_http();
    std::unique_ptr<host::Clock> clock = host::make_clock();
    std::unique_ptr<host::Environment> environment = host::make_environment();
    SecretMask secrets;
    host::Host host{*files, *processes, *http, *clock, *environment, secrets};
};

} // namespace taohf::test
