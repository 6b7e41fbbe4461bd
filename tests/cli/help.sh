#!/bin/bash
# Every command explains itself and shows an example of itself.
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"

# The command list as --help prints it, so that a new command is tested by existing.
commands_of() { sed -n '/^Subcommands:/,/^$/s/^  \([a-z]\{1,\}\) .*/\1/p' "$work/out"; }

expect_help() { # WORDS...
    run "$@" --help
    expect_status 0
    expect_out "Example:"
    expect_out "Usage: taohf $*"
    grep -A1 '^Example:' "$work/out" | grep -qE "taohf .*$*" || failed "the example does not call: taohf $*"
    [ ! -s "$work/err" ] || failed "help writes to standard error"
}

run --help
expect_status 0
mapfile -t commands < <(commands_of)
[ "${#commands[@]}" -ge 16 ] || failed "only ${#commands[@]} commands"
for command in "${commands[@]}"; do
    [ "$command" = gate ] || expect_help "$command"
done

run gate --help
expect_status 0
mapfile -t gate_commands < <(commands_of)
[ "${#gate_commands[@]}" -eq 4 ] || failed "gate has ${#gate_commands[@]} commands"
for command in "${gate_commands[@]}"; do expect_help gate "$command"; done

for command in init run phase plan gate status inspect logs report doctor shell clean schema completion version use; do
    [[ " ${commands[*]} " == *" $command "* ]] || failed "there is no command $command"
done
