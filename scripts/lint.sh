#!/bin/bash
# lint.sh: formatting of C++, shell scripts and Python. Changes nothing; exit code 1 on any finding.
# A tool that is not installed is named and counts as a finding only with TAOHF_LINT_STRICT=1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
status=0

# git's list leaves build folders out; a file not added yet counts too.
files() { git ls-files --cached --others --exclude-standard -z -- "$@"; }

check() { # TOOL PATTERNS... -- ARGUMENTS...
    local tool=$1 patterns=()
    shift
    while [ "$1" != -- ]; do patterns+=("$1"); shift; done
    shift
    if ! command -v "$tool" >/dev/null; then
        echo "lint: $tool is not installed" >&2
        [ "${TAOHF_LINT_STRICT:-0}" = 0 ] || status=1
    elif files "${patterns[@]}" | xargs -0 --no-run-if-empty "$tool" "$@"; then
        echo "$tool: clean"
    else
        echo "$tool: findings above" >&2
        status=1
    fi
}

check clang-format 'src/*.cpp' 'src/*.hpp' 'include/*.hpp' 'tests/*.cpp' 'tests/*.hpp' -- --dry-run -Werror
# SC2154: much is assigned in the harness that a test sources.
check shellcheck '*.sh' '.ci/run' -- --severity=warning --exclude SC2154
# Golden files are rendered code: their rules are TAO's, and gate G6.4 applies them.
check ruff '*.py' ':!tests/golden' -- check --isolated --select E,F,W,I --line-length 120 --per-file-ignores 'tests/container/*:E402'
exit $status
