#!/bin/bash
# The JSON documents that scripts rely on, of a port as it stands before its first step.
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"

make_workspace ws
make_port ws vit_digits "$digits/model"
before=$(cd ws && find . -type f | LC_ALL=C sort)

run --json gate list
expect_status 0
expect_json '.schema == "taohf/gate-list/v1" and (.gates | length) > 40'
expect_json 'all(.gates[]; (.id | test("^G[0-6][.][0-9]+$")) and (.phase | type) == "number" and (.step | length) > 0
    and (.severity == "error" or .severity == "warn") and (.title | length) > 0)'
expect_json '([.gates[].id] | unique | length) == (.gates | length)'
gates=$(jq '.gates | length' out)

run -C ws --json status
expect_status 0
expect_json '.schema == "taohf/status/v1" and .port == "vit_digits" and [.phases[].phase] == [range(0; 7)]'
expect_json 'all(.phases[]; .conclusion == "not run" and (.steps | length) > 0)'
expect_json 'all(.phases[].steps[]; (.id | length) > 0 and .outcome == "pending" and .attempts == 0 and .seconds == 0 and .reason == "never ran")'
steps=$(jq '[.phases[].steps[]] | length' out)
run -C ws status
expect_out "0 Host and images: not run"
! grep -q "never ran" out || failed "status without --why tells reasons"
run -C ws status --why
expect_out "never ran"

run -C ws --json gate check
expect_status 1
expect_json '.schema == "taohf/gates/v1" and .port == "vit_digits" and .passed == false'
expect_json 'all(.gates[]; has("id") and has("phase") and has("step") and .passed == false and has("severity")
    and (.expected | length) > 0 and (.observed | length) > 0 and (.evidence | type) == "array" and .emulated == false)'
[ "$(jq '.gates | length' out)" -le "$gates" ] || failed "more gates than there are"
run -C ws --json gate check 2
expect_status 1
expect_json 'all(.gates[]; .phase == 2)'
run -C ws --json gate check 1..2
expect_json '([.gates[].phase] | unique) == [1, 2]'
run -C ws gate check 9
expect_status 2
expect_err "phases are 0..6"
run -C ws gate check 2..1
expect_status 2
run -C ws --json gate show G2.4
expect_status 1
expect_json '.schema == "taohf/gate/v1" and .gate.id == "G2.4" and .gate.step == "weight-map-proof"'
run -C ws gate show G9.9
expect_error 2 "no gate 'G9.9'" "taohf gate list"
[ "$(cd ws && find . -type f | LC_ALL=C sort)" = "$before" ] || failed "looking wrote something"

run -C ws --json plan
expect_status 0
expect_json '.schema == "taohf/plan/v1" and .port == "vit_digits" and .changes == true'
expect_json 'all(.steps[]; has("phase") and has("title") and (.step | length) > 0 and (.reasons | length) > 0
    and (.decision | IN("run", "may run", "skip", "up to date")))'
[ "$(jq '.steps | length' out)" -eq "$steps" ] || failed "plan and status know different steps"
expect_json '[.steps[] | select(.decision == "skip") | .step] | contains(["tests-core", "trained-compare"])'
run -C ws plan --detailed-exitcode
expect_status 3
run -C ws --json status --why
expect_json 'all(.phases[].steps[]; (.reason | length) > 0)'

# An approval is recorded, and the gate stays red.
run -C ws gate approve G0.2 --reason 'small disk, known'
expect_status 0
run -C ws gate show G0.2
expect_status 1
expect_out "red (approved)"
jq -e '.approvals["G0.2"].reason == "small disk, known"' ws/.taohf/vit_digits/state.json >jq || failed "the state lacks the approval"
run -C ws gate approve G0.2
expect_status 2
run -C ws gate approve G9.9 --reason x
expect_status 2

run -C ws logs
expect_error 2 "no step has run yet" "taohf status"
run -C ws shell
expect_status 20

# Errors as documents.
run -C ws --json --port other status
expect_status 11
expect_no_out
cp err out
expect_json '.schema == "taohf/error/v1" and .code == 11 and .class == "STATE" and (.message | length) > 0 and (.next | length) > 0'
