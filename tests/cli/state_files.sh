#!/bin/bash
# A state that cannot be trusted is never overwritten: exit code 11, what is left, and the way back.
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"

make_workspace ws
state=ws/.taohf/vit/state.json

refused() { # WHAT NEXT
    cp "$state" before 2>/dev/null || rm -f before
    for command in status plan "gate check" "phase 0" report logs; do
        # shellcheck disable=SC2086  # two words
        run -C ws --port vit $command
        expect_status 11
        expect_err "$1"
        [ -z "$2" ] || expect_err "next: $2"
    done
    run -C ws run "$digits/model" --name vit
    expect_status 11
    if [ -e before ]; then cmp -s "$state" before || failed "the state was overwritten"; fi
}
fresh() {
    rm -rf ws/.taohf/vit
    make_port ws vit "$digits/model"
}

fresh
head -c 60 "$state" >part && mv part "$state"
refused "truncated or corrupt" "mv "
expect_err "no usable state.json.bak"

fresh
cp "$state" "$state.bak"
: >"$state"
refused "state.json" "cp "
expect_err "state.json.bak holds the version before, serial 1"
# The way back is one.
bash -c "$(sed -n 's/^  next: //p' err | tail -n 1)"
run -C ws --port vit status
expect_status 0

fresh
sed -i 's,taohf/state/v1,taohf/state/v2,' "$state"
refused "reads taohf/state/v1" "install the taohf version"
fresh
jq '.port = "another"' "$state" >x && mv x "$state"
refused "belongs to the port 'another'" ""
fresh
jq '.serial = "one"' "$state" >x && mv x "$state"
refused "field 'serial' is not an integer" ""
fresh
jq 'del(.lineage)' "$state" >x && mv x "$state"
refused "field 'lineage' is missing" ""
fresh
jq '.phases = [{phase: 0, conclusion: "success", steps: [{id: "host", outcome: "wonderful"}]}]' "$state" >x && mv x "$state"
refused "wonderful" ""
fresh
cp "$state" "$state.bak"
rm "$state"
refused "missing or not a regular file" "cp "
fresh
mv "$state" elsewhere && ln -s "$work/elsewhere" "$state"
refused "missing or not a regular file" ""

# Fields of a later minor version are kept.
fresh
jq '.colour = "green"' "$state" >x && mv x "$state"
run -C ws --port vit gate approve G0.1 --reason known
expect_status 0
jq -e '.colour == "green" and .serial == 2' "$state" >jq || failed "a field of a later version was lost"
