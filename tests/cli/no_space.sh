#!/bin/bash
# No room on the disk: exit code 16 with what and what to do, whether the room is known to be missing or runs out.
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"
[ "$(id -u)" -eq 0 ] || skip "a small file system needs root to be mounted"

clean_up() {
    cd /
    umount "$work/small" 2>/dev/null || umount -l "$work/small" 2>/dev/null
}
mkdir small
mount -t tmpfs -o size=1m taohf-test small 2>/dev/null || skip "mount is not allowed here"
make_workspace small/ws

# An engine that answers is all that stands before the check of the space.
fake_docker "unexpected"
export PATH=$work/bin:$PATH
run doctor
expect_out "ok       docker engine: 28.2.2"

# Known beforehand.
run -C small/ws run "$digits/model" --name vit --yes
expect_error 16 "GiB are needed" "free some space"
expect_err "in step host"
expect_err "kept: nothing"
[ ! -e small/ws/.taohf ] && [ ! -e small/ws/results ] || failed "something was left behind"

# Run out of: nothing can be written any more, and what was there stays whole.
make_port small/ws vit "$digits/model"
state=small/ws/.taohf/vit/state.json
cp "$state" before
dd if=/dev/zero of=small/ballast bs=4k 2>/dev/null || true
run -C small/ws --port vit phase 0
expect_status 16
expect_err "taohf: error: "
expect_err "No space left on device"
cmp -s "$state" before || jq -e '.schema == "taohf/state/v1"' "$state" >jq || failed "the state is no longer whole"
run -C small/ws --port vit status
expect_status 0
run -C small/ws run "$digits/model" --name another
expect_status 16
[ ! -s small/ws/.taohf/another/state.json ] || failed "a state was left behind"

# With room again the port goes on.
rm small/ballast
run -C small/ws --port vit phase 0
expect_error 16 "GiB are needed" "free some space"
