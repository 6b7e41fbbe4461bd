#!/bin/bash
# Output that cannot be written is no success, a reader that leaves early is no error, and nothing that a model
# says reaches the terminal as a control sequence.
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"

to() { # FILE ARGUMENTS...
    local file=$1
    shift
    status=0 command_line="taohf $* >$file"
    : >out
    "$taohf" "$@" >"$file" 2>err </dev/null || status=$?
}
if [ -c /dev/full ]; then
    for command in "gate list" "--json gate list" "schema verbs" --help "inspect $digits/model"; do
        # shellcheck disable=SC2086  # several words
        to /dev/full $command
        expect_status 16
        expect_err "standard output could not be written"
    done
fi

# The reader is gone before anything is written.
command_line="taohf gate list with a reader that has left"
mkfifo pipe
cat <pipe >/dev/null &
reader=$!
exec 8>pipe
kill "$reader"
wait "$reader" 2>/dev/null || true
status=0
"$taohf" gate list >&8 2>err || status=$?
exec 8>&-
expect_status 141
[ ! -s err ] || failed "a reader that has left is an error"

copy_digits escapes
jq '.architectures = ["ViT\u001b[31mX"] | .model_type = "vit\u001b]0;title\u0007"' "$digits/model/config.json" >escapes/config.json
for option in "" --explain --keys; do
    # shellcheck disable=SC2086  # none or one word
    run inspect $option escapes
    if grep -q "$(printf '\033')" out err; then failed "a control sequence of the model reaches the terminal"; fi
done
run inspect "$(printf 'a\033[31m')"
if grep -q "$(printf '\033')" out err; then failed "a control sequence of an argument reaches the terminal"; fi

# A secret of the environment is masked wherever it would be printed.
HF_TOKEN=hf_abcdefghijklmnopqrstuvwxyz run inspect hf_abcdefghijklmnopqrstuvwxyz/model
expect_status 15
if grep -q abcdefghijklmnop out err; then failed "the token is printed"; fi
