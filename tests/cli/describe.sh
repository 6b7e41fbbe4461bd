#!/bin/bash
# version, schema and completion: what the program says about itself.
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"

declared=$(sed -n 's/^project(taohf VERSION \([0-9.]*\).*/\1/p' "$root/CMakeLists.txt")
run version
expect_status 0
expect_out "taohf $declared"
run --version
expect_out "taohf $declared"
run --json version
expect_json ".schema == \"taohf/version/v1\" and .version == \"$declared\" and .phases == \"embedded\""

run --json schema inputs
expect_json '.schema == "taohf/schema/v1" and .topic == "inputs"'
expect_json '[.rows[].name] | contains(["model", "dataset", "task", "strategy", "profile", "layout", "epochs"])'
expect_json 'all(.rows[]; (.help | length) > 0)'
run --json schema verbs
expect_json '[.rows[].name] | contains(["run", "probe", "render"])'
expect_json 'all(.rows[]; (.summary | length) > 0 and (.required | type) == "array" and (.optional | type) == "array")'
run --json schema matchers
expect_json '([.rows[].kind] | unique) == ["matcher", "subject"]'
run schema inputs
expect_out "dataset "

run completion
expect_status 2
for shell in bash zsh fish; do
    run completion "$shell"
    expect_status 0
    [ "$(wc -c <out)" -gt 100 ] || failed "the script for $shell is empty"
    if command -v "$shell" >/dev/null; then "$shell" -n out || failed "$shell does not take it"; fi
done

# What bash really offers.
run completion bash
offered() { # WORDS...: what bash offers for the last one
    bash --noprofile --norc -c 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _taohf; echo " ${COMPREPLY[*]} "' - "$work/out" "$@"
}
[[ $(offered taohf ins) == *" inspect "* ]] || failed "bash offers no inspect: $(offered taohf ins)"
[[ $(offered taohf run --da) == *" --dataset "* ]] || failed "bash offers no --dataset: $(offered taohf run --da)"
[[ $(offered taohf gate c) == *" check "* ]] || failed "bash offers no check: $(offered taohf gate c)"
