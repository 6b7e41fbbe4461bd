#pragma once

#include <taohf/base/text.hpp>
#include <taohf/host/host.hpp>

#include <functional>
#include <string>
#include <vector>

namespace taohf::container {

/// A docker program whose answers are rows: the first row whose words all stand in the command line
/// answers. A row with `once` is used up by its first use.
struct Row {
    std::vector<std::string> words;
    host::ProcessExit exit;
    bool once = false;
};

inline host::ProcessExit says(std::string out, int code = 0) {
    host::ProcessExit exit;
    exit.code = code;
    (code == 0 ? exit.out : exit.err) = std::move(out);
    return exit;
}

inline host::ProcessExit ends(host::ProcessEnd end) {
    host::ProcessExit exit;
    exit.end = end;
    return exit;
}

class ScriptedDocker final : public host::ProcessRunner {
public:
    std::vector<Row> rows;
    std::vector<host::ProcessSpec> calls;
    bool is_installed = true;
    /// As the real one: a call that was told to stop ends as cancelled.
    bool heeds_stop = true;

    Result<host::ProcessExit>
    run(const host::ProcessSpec& spec, const host::LineSink& sink, std::stop_token stop) override {
        calls.push_back(spec);
        if (!is_installed)
            return fail(ErrorCode::env, "docker: No such file or directory");
        if (heeds_stop && stop.stop_requested())
            return ends(host::ProcessEnd::cancelled);
        const std::string line = text::join(spec.argv, " ");
        for (auto row = rows.begin(); row != rows.end(); ++row) {
            if (!has_all(line, row->words))
                continue;
            const host::ProcessExit exit = row->exit;
            if (row->once)
                rows.erase(row);
            if (sink && !exit.out.empty())
                sink(exit.out, false);
            return exit;
        }
        return fail(ErrorCode::bug, "no answer is scripted for: " + line);
    }

    /// Command lines that contain the words.
    int count(const std::vector<std::string>& words) const {
        int found = 0;
        for (const host::ProcessSpec& call : calls)
            found += has_all(text::join(call.argv, " "), words) ? 1 : 0;
        return found;
    }

private:
    static bool has_all(const std::string& line, const std::vector<std::string>& words) {
        for (const std::string& word : words)
            if (line.find(word) == std::string::npos)
                return false;
        return true;
    }
};

class ScriptedSocket final : public host::Http {
public:
    std::function<Result<host::HttpResponse>(const host::HttpRequest&)> answer;
    std::vector<host::HttpRequest> requests;

    Result<host::HttpResponse>
    send(const host::HttpRequest& request, const host::BodySink&, std::stop_token) override {
        requests.push_back(request);
        if (!answer)
            return fail(ErrorCode::net, "no socket");
        return answer(request);
    }
};

class FixedEnvironment final : public host::Environment {
public:
    std::vector<std::pair<std::string, std::string>> variables;

    std::optional<std::string> get(const std::string& name) const override {
        for (const auto& [key, value] : variables)
            if (key == name)
                return value;
        return std::nullopt;
    }

    std::filesystem::path working_directory() const override { return "/"; }

    unsigned user_id() const override { return 1000; }

    unsigned group_id() const override { return 1000; }

    std::string user_name() const override { return "ann"; }

    std::filesystem::path home() const override { return "/nonexistent"; }

    bool is_terminal(int) const override { return false; }

    int terminal_width() const override { return 80; }
};

} // namespace taohf::container
