#pragma once

#include <taohf/host/host.hpp>

#include <string>
#include <vector>

namespace taohf::tao {

/// Local git commands from a closed list; there is no way to push, fetch or commit to a remote.
class Git final {
public:
    Git(host::Host& host, host::Path repository);

    Result<std::string> head();   ///< commit id
    Result<std::string> branch(); ///< current branch, "" when detached
    /// Changed and untracked paths (porcelain v1 -z), relative.
    Result<std::vector<std::string>> changes();
    /// Creates and checks out the branch, or checks it out when it exists. REPO error when the tree
    /// has changes that this port did not make.
    Status checkout_branch(const std::string& name, const std::vector<std::string>& own_paths);
    Result<std::string>
    diff(); ///< of the working tree against HEAD, with new files (intent to add not used)
    /// `git init`, add and one commit, for a workspace made from published packages.
    Status initialise(const std::string& message);

private:
    Result<std::string> run(std::vector<std::string> arguments);
    /// The same where one more exit code is an answer and not a failure.
    Result<std::string> run_accepting(std::vector<std::string> arguments, int other_code);
    /// REPO error while a merge, rebase, cherry-pick, revert or bisect is going on.
    Status check_idle();
    host::Host& host_;
    host::Path repository_;
};

} // namespace taohf::tao
