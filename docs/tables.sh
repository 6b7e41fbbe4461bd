#!/bin/bash
# tables.sh [--check] TAOHF
#
# Writes the generated tables of docs/*.md anew: verbs, subjects, matchers and inputs from `taohf schema`, exit
# codes from include/taohf/base/error.hpp, layouts of datasets from templates/*/task.yaml. With --check nothing is
# written, and a table that differs is exit code 1.
# shellcheck disable=SC2016,SC2317  # jq filters and Markdown stand in single quotes; tables are called by their names
set -euo pipefail

check=no
if [ "${1:-}" = --check ]; then check=yes; shift; fi
taohf=$(realpath "${1:?usage: tables.sh [--check] TAOHF}")
docs=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

rows() { # TOPIC JQ-FILTER
    "$taohf" --json schema "$1" | jq -r 'def cell: gsub("[|]"; "\\|") | gsub("<"; "&lt;"); def names: map("`" + . + "`") | join(", "); '"$2"
}

verbs() {
    echo '| verb | what it does | needs | may have |'
    echo '|---|---|---|---|'
    rows verbs '.rows[] | "| `\(.name)` | \(.summary | cell) | \(.required | names) | \(.optional | names) |"'
}

subjects() {
    echo '| subject | what is looked at |'
    echo '|---|---|'
    rows matchers '.rows[] | select(.kind == "subject") | "| `\(.name)` | \(.summary | cell) |"'
}

matchers() {
    echo '| matcher | passes for |'
    echo '|---|---|'
    rows matchers '.rows[] | select(.kind == "matcher") | "| `\(.name)` | \(.summary | cell) |"'
}

inputs() {
    echo '| input | what it is | default |'
    echo '|---|---|---|'
    rows inputs '.rows[] | "| `\(.name)` | \(.help | cell)\(if .values then ": " + (.values | names) else "" end) | \(
        if .default == null then "" else "`\(.default)`" end) |"'
}

datasets() {
    local task
    echo '| task | layout |'
    echo '|---|---|'
    for task in "$docs"/../templates/*/task.yaml; do
        sed -n 's/^id: \(.*\)$/| `\1` | /p; s/^  format: "\(.*\)"$/\1 |/p' "$task" | sed 's/</\&lt;/g' | paste -sd ''
    done
}

exit_codes() {
    echo '| code | class | meaning |'
    echo '|---|---|---|'
    echo '| 0 | | the work was done and every gate of severity `error` passed |'
    sed -n 's|^ *\([a-z_]*\) = \([0-9]*\),\{0,1\} *///< \(.*\)|\1 \2 \3|p' "$docs/../include/taohf/base/error.hpp" |
        while read -r name code meaning; do
            if [ "$name" = interrupted ]; then
                echo "| 128 + N | SIGNAL | ended by signal N: 130 after Ctrl-C, 143 after SIGTERM |"
            else
                echo "| $code | ${name^^} | $meaning |"
            fi
        done
}

# Between <!-- table: NAME --> and <!-- end -->.
rewrite() { # FILE
    local line name='' out=$work/page
    : >"$out"
    while IFS= read -r line || [ -n "$line" ]; do
        if [[ $line =~ ^'<!-- table: '([a-z_]+)' -->'$ ]]; then
            name=${BASH_REMATCH[1]}
            echo "$line" >>"$out"
            "$name" >>"$out"
        elif [ "$line" = '<!-- end -->' ]; then
            name=''
            echo "$line" >>"$out"
        elif [ -z "$name" ]; then
            echo "$line" >>"$out"
        fi
    done <"$1"
}

status=0 found=0
for page in "$docs"/*.md; do
    grep -q '^<!-- table: ' "$page" || continue
    found=$((found + 1))
    rewrite "$page"
    if [ "$check" = no ]; then
        cat "$work/page" >"$page"
    elif ! diff -u "$page" "$work/page"; then
        echo "$page is not what the program says: run docs/tables.sh" >&2
        status=1
    fi
done
[ "$found" -gt 0 ] || { echo "no page has a table" >&2; status=1; }
exit $status
