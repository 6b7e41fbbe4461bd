#!/bin/bash
# A whole port of the digits model in the sandbox: it ends well, its numbers hold, the second run does
# nothing, and nothing is left behind but what belongs there.
#
# Makes the port from nothing and leaves its workspace for red_gates.sh (lib/harness.sh names the variables).
# usage: TAOHF=taohf port.sh [IGNORED]    exit code 77: no docker, or no network to make the sandbox
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"

second_run_limit_ms=${TAOHF_TEST_SECOND_RUN_MS:-1000}
results=$finished/results/$port

true_of() { # FILE JQ-FILTER
    jq -e "$2" "$1" >/dev/null || fail "not true of $1: $2; it says $(jq -c "${3:-.}" "$1" | cut -c1-600)"
}

make_fresh_workspace
say "clones and images are there"
remove_containers_of "$finished"
copy_workspace "$store/fresh" "$finished"
started=$(now_ms)
run_port "$finished" >"$scratch/run.log" 2>&1 || {
    tail -n 40 "$scratch/run.log" >&2
    fail "taohf run did not end with 0"
}
say "the port took $((($(now_ms) - started) / 1000)) s"

# Gates, and what they call emulated: everything that rests on the engine, nothing that does not.
expect_green "$finished"
true_of "$scratch/gates.json" '.schema == "taohf/gates/v1" and .port == "'$port'"' '{schema, port}'
true_of "$scratch/gates.json" '[.gates[] | select(.phase == 6)] | length > 0' '.gates | length'
true_of "$scratch/gates.json" '[.gates[] | select(.emulated) | .id] | contains(["G6.8", "G6.10", "G6.12"])' \
    '[.gates[] | select(.emulated) | .id]'
true_of "$scratch/gates.json" '[.gates[] | select(.emulated and .phase < 6)] == []' '[.gates[] | select(.emulated) | .id]'

# HuggingFace, TAO and engine tell the same, each by its own command.
comparison=$results/evidence/comparison.json
true_of "$comparison" '.images == 300 and .same_images and .finite' '{images, same_images, finite}'
true_of "$comparison" '.accuracy_spread <= 0.002' '.accuracy'
true_of "$comparison" '.accuracy[] | select(.name == "Top-1 accuracy") | .hf >= 0.95 and .tao >= 0.95 and .engine >= 0.95' \
    '.accuracy'
true_of "$comparison" '.hf_native.relative_difference <= 2e-5 and .hf_native.disagreeing == 0' '.hf_native'
true_of "$comparison" '.native_engine.relative_difference <= 1e-4 and .native_engine.disagreeing == 0' '.native_engine'
true_of "$results/evidence/weight_map_proof.json" '.proved and .unused_sources == [] and .unset_targets == []'
jq -r '"accuracy \(.accuracy[0] | "HF \(.hf), TAO \(.tao), engine \(.engine)"); relative difference " +
       "HF/TAO \(.hf_native.relative_difference), TAO/engine \(.native_engine.relative_difference)"' "$comparison"

# The report.
for file in index.html eval_report.md report.json junit.xml; do
    [ -s "$finished/.taohf/$port/report/$file" ] || fail "no report/$file"
done
grep -qi emulated "$finished/.taohf/$port/report/index.html" || fail "the report does not say that the engine is emulated"

# Steps that wait for nothing of each other ran side by side.
journal=$finished/.taohf/$port/journal.jsonl
jq -es '[.[].record | select(.event | startswith("step_")) | .event] |
    [range(1; length) as $i | select(.[$i - 1] == "step_started" and .[$i] == "step_started")] | length > 3' "$journal" >/dev/null ||
    fail "no two steps ran at once"

# Again: no step, no container, no time.
records=$(wc -l <"$journal")
since=$(date +%s)
started=$(now_ms)
run_port "$finished" >"$scratch/again.log" 2>&1 || fail "the second run ended badly: $(tail -n 3 "$scratch/again.log")"
elapsed=$(($(now_ms) - started))
until=$(date +%s)
say "the second run took $elapsed ms"
[ "$(wc -l <"$journal")" = "$records" ] || fail "the second run executed steps: $(tail -n +$((records + 1)) "$journal" | head -n 3)"
made=$(docker events --since "$since" --until "$((until + 1))" --filter type=container --filter event=create \
    --filter "label=taohf.port=$(label_of "$finished")" --format '{{.ID}}')
[ -z "$made" ] || fail "the second run made containers: $made"
[ "$elapsed" -le "$second_run_limit_ms" ] || fail "the second run took $elapsed ms, more than $second_run_limit_ms"

# What is left: no container, in the clones only the port's files, and nothing of another user.
expect_no_container "$finished"
for clone in tao-core tao-pytorch tao-deploy tao-dataservices; do
    foreign=$(git -C "$finished/$clone" status --porcelain --untracked-files=all |
        grep -vE "^(\?\?|A |AM| M|M ) (\S*/$port/|\S*/test_${port}_config\.py$|setup\.py$)" || true)
    [ -z "$foreign" ] || fail "$clone has changes that are not the port's: $foreign"
    [ "$(git -C "$finished/$clone" branch --show-current)" = "feature/add-${port//_/-}" ] || fail "$clone is on another branch"
done
others=$(find "$finished" ! -user "$(id -un)" -print -quit)
[ -z "$others" ] || fail "a file belongs to somebody else: $others"
say "all of it holds"
