#!/bin/bash
# Ctrl-C and SIGTERM end a run soon, with 128 + signal, a record of it and no container left; after kill -9 the next
# run removes the container of the dead one and says that the step was interrupted.
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"

# kill -9 leaves the docker program of the dead run.
clean_up() { if [ -s "$work/started" ]; then kill "$(cat "$work/started")" 2>/dev/null; fi; }

# One step that takes its time, and an engine whose containers are names in a folder.
mkdir bin phases containers
cat >phases/0-wait.yaml <<'YAML'
schema: taohf/phase/v1
phase: 0
id: wait
title: Wait
steps:
  - id: wait
    run: { in: inspect, argv: [sleep, "60"] }
YAML
cat >bin/docker <<SH
#!/bin/sh
case "\$1 \$*" in
create*) : >"$work/containers/0123abcd"; echo 0123abcd ;;
start*) echo 0123abcd ;;
"container container inspect"*Running*) echo true ;;
"container container inspect"*) echo '{"Running": true}' ;;
image*) echo sha256:0000000000000000000000000000000000000000000000000000000000000000 ;;
exec*"sleep 60"*) echo \$\$ >"$work/started"; exec sleep 60 ;;
exec*) ;;
ps*) ls "$work/containers" ;;
rm*) rm -f "$work/containers/0123abcd" ;;
*) echo "unexpected: \$*" >&2; exit 1 ;;
esac
SH
chmod +x bin/docker
export PATH=$work/bin:$PATH
make_workspace ws
state=ws/.taohf/vit/state.json

begin_and_signal() { # SIGNAL
    local begun tries=0
    rm -f started
    command_line="taohf run, and kill -$1" status=0
    # In the background the shell ignores Ctrl-C for its children.
    env --default-signal=INT "$taohf" --phases phases -C ws run "$digits/model" --name vit --yes >out 2>err </dev/null &
    begun=$!
    until [ -s started ]; do
        tries=$((tries + 1))
        [ "$tries" -lt 200 ] || failed "the step did not start"
        sleep 0.05
    done
    [ -e containers/0123abcd ] || failed "there is no container"
    SECONDS=0
    kill "-$1" "$begun"
    wait "$begun" 2>/dev/null || status=$?
    [ "$SECONDS" -lt 15 ] || failed "it took $SECONDS s to end"
}

for signal in INT:130 TERM:143; do
    begin_and_signal "${signal%:*}"
    expect_status "${signal#*:}"
    expect_err "was interrupted"
    jq -e '.phases[0].conclusion == "interrupted" and .phases[0].steps[0].outcome == "interrupted"' "$state" >jq ||
        failed "the state does not say that the step was interrupted"
    expect_files containers ""
done

begin_and_signal KILL
expect_status 137
jq -e '.phases[0].steps[0].outcome == "running"' "$state" >jq || failed "the state does not say what ran"
expect_files containers ./0123abcd
kill "$(cat started)"
sed -i 's/exec sleep 60/exit 0/' bin/docker
run --phases phases -C ws --json run "$digits/model" --name vit
expect_status 0
jq -es 'any(.[]; .event == "step_started" and .step == "wait" and (.reason | contains("interrupted")))' out >jq ||
    failed "the run does not say why the step runs again"
expect_files containers ""

# And what is done is not done again.
run --phases phases -C ws --json run "$digits/model" --name vit
expect_status 0
jq -es 'all(.[]; .event != "step_started") and any(.[]; .event == "step_passed_over" and .reason == "up to date")' out >jq ||
    failed "a finished step runs again"
