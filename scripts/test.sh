#!/bin/bash
# test.sh [--only PATTERN] [--no-container]
#
# Prepares the machine, builds taohf and runs every test: the unit tests and checks that ctest knows,
# tests/cli/*.sh (the program against files), tests/hub/*.sh (against a hub of its own), tests/container/*.sh (against
# docker).
# A script gets the path of taohf and of the unit test program in TAOHF and TAOHF_UNIT_TESTS; the first
# argument of a cli or hub test is taohf, of a container test the unit test program. Exit code 77 means skipped.
#
#   --only PATTERN   tests whose name, or script path, matches this extended regular expression
#   --no-container   leave tests/container out
#
# The last line is "N passed, N failed" (and ", N skipped"); exit code 1 if one failed or none ran.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$root/build/release
logs=$root/build/logs/tests
only='' containers=yes
passed=0 failed=0 skipped=0
time_limit=${TAOHF_TEST_TIMEOUT:-3600}

finish() {
    local tail=''
    [ "$skipped" -eq 0 ] || tail=", $skipped skipped"
    echo "$passed passed, $failed failed$tail"
    if [ "$failed" -gt 0 ] || [ "$((passed + failed))" -eq 0 ]; then exit 1; fi
    exit 0
}

# The counts come from ctest's own results file, one case for each test.
run_ctest() {
    local junit=$logs/ctest.xml counts status=0
    rm -f "$junit"
    ctest --test-dir "$build" --parallel "$(nproc)" --no-tests=ignore ${only:+--tests-regex "$only"} \
        --timeout "$time_limit" --output-on-failure --output-junit "$junit" >"$logs/ctest.log" 2>&1 || status=$?
    if ! counts=$(count_cases "$junit"); then
        tail -n 40 "$logs/ctest.log"
        echo "FAILED  ctest wrote no results"
        failed=$((failed + 1))
        return
    fi
    read -r ok bad left_out <<<"$counts"
    passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + left_out))
    echo "ctest: $ok passed, $bad failed, $left_out skipped"
    if [ "$bad" -gt 0 ]; then
        cat "$logs/ctest.log"
    elif [ "$status" -ne 0 ]; then
        tail -n 40 "$logs/ctest.log"
        echo "FAILED  ctest ended with $status although no test failed"
        failed=$((failed + 1))
    fi
}

count_cases() { # JUNIT-FILE
    python3 - "$1" <<'PYTHON'
import sys
import xml.etree.ElementTree as ElementTree

try:
    cases = ElementTree.parse(sys.argv[1]).getroot().findall(".//testcase")
except (OSError, ElementTree.ParseError):
    sys.exit(1)
states = [case.get("status") for case in cases]
passed = states.count("run")
skipped = sum(case.find("skipped") is not None or case.get("status") == "disabled" for case in cases)
print(passed, len(states) - passed - skipped, skipped)
PYTHON
}

run_script() { # PATH FIRST-ARGUMENT
    local name=${1#"$root"/} log started status=0
    log=$logs/$(basename "$1" .sh).log
    started=$SECONDS
    timeout --kill-after=30 "$time_limit" "$1" "$2" >"$log" 2>&1 </dev/null || status=$?
    case $status in
    0) passed=$((passed + 1)) verdict=passed ;;
    77) skipped=$((skipped + 1)) verdict="skipped ($(tail -n 1 "$log"))" ;;
    124 | 137) failed=$((failed + 1)) verdict="FAILED after the limit of $time_limit s" ;;
    *) failed=$((failed + 1)) verdict="FAILED with $status" ;;
    esac
    echo "$name: $verdict, $((SECONDS - started)) s"
    case $verdict in FAILED*) sed 's/^/    /' "$log" ;; esac
}

run_scripts() { # FOLDER FIRST-ARGUMENT
    local script
    for script in "$root/tests/$1"/*.sh; do
        [ -f "$script" ] || continue
        [[ -z $only || ${script#"$root"/} =~ $only ]] || continue
        run_script "$script" "$2"
    done
}

while [ $# -gt 0 ]; do
    case $1 in
    --only)
        [ -n "${2:-}" ] || { echo "test: --only needs a pattern" >&2; exit 2; }
        only=$2
        shift
        ;;
    --no-container) containers=no ;;
    -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;;
    *) echo "test: unknown argument $1" >&2; exit 2 ;;
    esac
    shift
done

mkdir -p "$logs"
if ! "$root/scripts/prepare.sh" --tests; then
    echo "FAILED  preparation or build"
    failed=1
    finish
fi
export TAOHF=$build/taohf TAOHF_UNIT_TESTS=$build/tests/unit_tests TAOHF_SOURCE_DIR=$root
run_ctest
run_scripts cli "$TAOHF"
run_scripts hub "$TAOHF"
[ "$containers" = no ] || run_scripts container "$TAOHF_UNIT_TESTS"
finish
