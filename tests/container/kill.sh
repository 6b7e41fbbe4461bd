#!/bin/bash
# kill -9 of taohf at random moments of a run: the same command then finishes the port, repeats no finished
# step, leaves no container behind, and its gates are green.
#
#   TAOHF_KILLS        how many times; default 4 (20 by hand)
#   TAOHF_KILL_UNTIL   last phase of the run; default 4, 6 for a whole port
#   TAOHF_KILL_SEED    of the moments; printed, so that a failure can be repeated
# usage: TAOHF=taohf kill.sh [IGNORED]    exit code 77: no docker, or no network to make the sandbox
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"

kills=${TAOHF_KILLS:-4}
until=${TAOHF_KILL_UNTIL:-4}
seed=${TAOHF_KILL_SEED:-$((RANDOM % 32768))}
workspace=$scratch/ws
journal=$workspace/.taohf/$port/journal.jsonl
taohf_id=''
clean_up() {
    [ -z "$taohf_id" ] || kill -9 "$taohf_id" 2>/dev/null || true
    remove_containers_of "$workspace"
}

records() { if [ -f "$journal" ]; then wc -l <"$journal"; else echo 0; fi; }

# Starts the run and waits for that many journal records and then that much time: the moment does not
# depend on how fast the machine is, and the kills are spread over the run.
start_and_wait() { # RECORDS MILLISECONDS
    local wanted
    wanted=$(($(records) + $1))
    "$taohf" -C "$workspace" "${run_arguments[@]}" --until "$until" >"$scratch/run.log" 2>&1 &
    taohf_id=$!
    while kill -0 "$taohf_id" 2>/dev/null && [ "$(records)" -lt "$wanted" ]; do sleep 0.05; done
    sleep "$(($2 / 1000)).$(printf '%03d' $(($2 % 1000)))"
}

last_record() { tail -n 1 "$journal" 2>/dev/null | jq -r '.record | "\(.event) \(.step)"' 2>/dev/null || true; }

make_fresh_workspace
copy_workspace "$store/fresh" "$workspace"
steps=$(for phase in $(seq 0 "$until"); do grep -c '^  - id: [a-z]' "$root/phases/$phase"-*.yaml; done | awk '{ n += $1 } END { print n }')
RANDOM=$seed
killed=0
say "seed $seed: $kills kills in a run of phases 0 to $until"
for number in $(seq "$kills"); do
    # A step has two records, and the one that was killed runs again: the last kill comes before the end.
    pause=$((RANDOM % (3 * steps / kills + 1)))
    extra=$((RANDOM % 2500))
    start_and_wait "$pause" "$extra"
    ending="had ended"
    if kill -9 "$taohf_id" 2>/dev/null; then ending=killed killed=$((killed + 1)); fi
    wait "$taohf_id" 2>/dev/null || true
    taohf_id=''
    say "$number: $ending after $pause records and $extra ms; last: $(last_record)"
done
[ "$killed" -gt $((kills / 2)) ] || fail "only $killed of $kills runs were still there to be killed"

# The same command finishes what is left.
status=0
"$taohf" -C "$workspace" "${run_arguments[@]}" --until "$until" >"$scratch/run.log" 2>&1 || status=$?
[ "$status" -eq 0 ] || { tail -n 40 "$scratch/run.log" >&2; fail "the run after $killed kills ended with $status"; }
say "finished"

# A step that ended well runs again only when what it reads changed, and then says so.
python3 - "$journal" <<'PYTHON' || fail "finished steps were repeated"
import json
import sys

finished, repeated, started = set(), [], 0
for line in open(sys.argv[1], encoding="utf-8"):
    try:
        record = json.loads(line)["record"]
    except (json.JSONDecodeError, KeyError):
        continue  # the line that a kill cut off
    step = record.get("step")
    if record["event"] == "step_finished" and record["outcome"] == "success":
        finished.add(step)
    elif record["event"] == "step_started":
        started += 1
        if step in finished and not record["reason"].endswith((" changed", " is new", " is no longer used")):
            repeated.append(f"{step}: {record['reason']}")
print(f"{started} starts, {len(finished)} steps finished")
sys.exit("\n".join(repeated) or 0)
PYTHON

# Nothing of the killed runs is left, and the evidence holds.
expect_no_container "$workspace"
left=$(docker ps --all --quiet --filter "label=taohf.workspace=$(label_of "$workspace" | cut -d- -f1)")
[ -z "$left" ] || fail "containers of the workspace are left: $left"
left=$(find "$workspace/.taohf" "$workspace/results" \( -name '*.tmp' -o -name '*.tmp.*' -o -name '.*.tmp*' \) -print)
[ -z "$left" ] || fail "temporary files are left: $left"
"$taohf" -C "$workspace" --json gate check "0..$until" >"$scratch/gates.json" || {
    jq -r '.gates[] | select(.passed | not) | "  \(.id): expected \(.expected); observed \(.observed)"' "$scratch/gates.json" >&2
    fail "gates are red after the kills"
}

# The same final evidence as of a run that nobody killed, where there is one.
if [ -d "$finished/results/$port/convert" ] && [ "$until" -ge 3 ]; then
    cmp "$finished/results/$port/convert/$port.pth" "$workspace/results/$port/convert/$port.pth" ||
        fail "the converted checkpoint differs from that of an uninterrupted run"
    diff <(jq '[.gates[] | {id, passed}]' "$scratch/gates.json") \
        <("$taohf" -C "$finished" --json gate check "0..$until" | jq '[.gates[] | {id, passed}]') ||
        fail "the verdicts differ from those of an uninterrupted run"
fi
say "all of it holds"
