#!/bin/sh
# Sessions against a real docker daemon, with a small image made from the host's static busybox.
# usage: session_lifecycle.sh UNIT_TESTS_PROGRAM       exit code 77: no docker or no busybox here
set -eu
program=$1
image=taohf-test/busybox:lifecycle

docker info >/dev/null 2>&1 || { echo "no docker daemon" >&2; exit 77; }
busybox=$(command -v busybox) || { echo "no busybox (package busybox-static)" >&2; exit 77; }

root=$(mktemp -d)
cleanup() { rm -rf "$root"; docker rmi --force "$image" >/dev/null 2>&1 || true; }
trap cleanup EXIT
mkdir -p "$root/bin" "$root/tmp" "$root/proc" "$root/sys" "$root/dev" "$root/etc"
for applet in $("$busybox" --list); do ln -sf busybox "$root/bin/$applet"; done
rm -f "$root/bin/busybox"
cp "$busybox" "$root/bin/busybox"
chmod 0755 "$root"
chmod 1777 "$root/tmp"
tar -C "$root" -c . | docker import --change 'ENV PATH=/bin' - "$image" >/dev/null

before=$(docker ps --all --quiet --filter label=taohf.test | wc -l)
TAOHF_TEST_IMAGE=$image "$program" --gtest_filter='EngineDockerTest.*' --gtest_brief=1 | tee "$root/log"
if grep -q 'no docker daemon or no image' "$root/log"; then
    echo "the tests were skipped although the image exists" >&2
    exit 1
fi
after=$(docker ps --all --quiet --filter label=taohf.test | wc -l)
[ "$before" = "$after" ] || { echo "containers were left: $before before, $after after" >&2; exit 1; }
