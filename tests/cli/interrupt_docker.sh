#!/bin/bash
# Ctrl-C while docker itself hangs: heard at once, not after docker's time limit, and nothing is left running.
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"
env --default-signal=INT true 2>/dev/null || skip "env knows no --default-signal here"

mkdir bin
cat >bin/docker <<SH
#!/bin/sh
echo \$\$ >"$work/started"
exec sleep 60
SH
chmod +x bin/docker
export PATH=$work/bin:$PATH
make_workspace ws

interrupted() { # NEXT-TO-SAY ARGUMENTS...
    local said=$1 begun tries=0
    shift
    rm -f started
    command_line="taohf $*, and Ctrl-C" status=0
    env --default-signal=INT "$taohf" "$@" >out 2>err </dev/null &
    begun=$!
    until [ -s started ]; do
        tries=$((tries + 1))
        [ "$tries" -lt 200 ] || failed "docker was not called"
        sleep 0.05
    done
    SECONDS=0
    kill -INT "$begun"
    wait "$begun" 2>/dev/null || status=$?
    [ "$SECONDS" -lt 8 ] || failed "it took $SECONDS s to end"
    expect_status 130
    expect_err "$said"
    ! kill -0 "$(cat started)" 2>/dev/null || failed "docker goes on"
}

interrupted "was stopped" -C ws run "$digits/model" --name vit --yes
jq -e '.phases[0].conclusion == "interrupted" and .phases[0].steps[0].outcome == "interrupted"' ws/.taohf/vit/state.json >jq ||
    failed "the state does not say that the step was interrupted"
interrupted "was stopped" -C ws --port vit clean
