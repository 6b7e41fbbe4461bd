#!/bin/bash
# One run at a time: who would write waits in vain (exit code 12), who only looks is let in.
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"
command -v flock >/dev/null || skip "no flock here"

make_workspace ws
make_port ws vit "$digits/model"
state=ws/.taohf/vit/state.json

exec 9>ws/.taohf/vit/lock
flock 9
before=$(sha256sum "$state")
for command in "phase 0" report "gate approve G0.1 --reason known"; do
    # shellcheck disable=SC2086  # several words
    run -C ws --port vit $command
    expect_error 12 "another taohf run holds" "wait"
done
run -C ws run "$digits/model" --name vit
expect_status 12
run -C ws --json --port vit phase 0
cp err out
expect_json '.code == 12 and .class == "LOCK"'
[ "$(sha256sum "$state")" = "$before" ] || failed "the state was written in spite of the lock"

run -C ws --port vit status
expect_status 0
run -C ws --port vit gate check
expect_status 1
run -C ws --port vit plan
expect_status 0
run -C ws --port vit status --why
expect_status 0
[ "$(sha256sum "$state")" = "$before" ] || failed "the state was written by who only looks"
expect_files ws/.taohf/vit "./lock ./state.json"

# A lock file that nobody holds is none.
exec 9>&-
run -C ws --port vit plan
expect_status 0
