#!/bin/bash
# A phase file of --phases DIR is checked as a whole before anything is done: every slip is told with line and
# column, exit code 22, and the nearest known word where there is one.
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"

mkdir phases
good() {
    cat >phases/0-first.yaml <<'YAML'
schema: taohf/phase/v1
phase: 0
id: first
title: First
steps:
  - id: host
    title: Look
    check_host: { free_gib: 1 }
gates:
  - id: G0.1
    title: git is here
    step: host
    assert: { value: "${steps.host.git}", non_empty: true }
YAML
}

slip() { # PLACE WHAT SED-COMMAND
    good
    cp phases/0-first.yaml before.yaml
    sed -i "$3" phases/0-first.yaml
    ! cmp -s phases/0-first.yaml before.yaml || failed "the test changed nothing with: $3"
    run --phases phases gate list
    expect_status 22
    expect_no_out
    expect_err "taohf: error: $work/phases/0-first.yaml:$1: "
    expect_err "$2"
}

good
run --phases phases gate list
expect_status 0
expect_out "G0.1"
run --phases phases --json version
expect_json '.phases | endswith("/phases")'

# YAML that configuration never needs.
slip 5:1 "duplicate key 'title'" 's/^title: First/title: First\ntitle: Again/'
slip 4:8 "anchor not allowed" 's/^title: First/title: \&name First/'
slip 4:8 "tag !exec not allowed" 's/^title: First/title: !exec ls/'
slip 7:1 "tab in the indentation" 's/^    title: Look/\ttitle: Look/'
slip 15:1 "a second document" '$a---\nschema: x'
slip 13:23 "quote values that hold" 's/"\${steps.host.git}"/${steps.host.git}/'
good
sed -i 's/^title: First/title: \&name First\nsummary: *name/' phases/0-first.yaml
run --phases phases gate list
expect_status 22
expect_err "0-first.yaml:4:8: anchor not allowed"
# An alias of an anchor that the file does not have.
slip 4:8 "anchor" 's/^title: First/title: *name/'

# The schema.
slip 1:9 "schema must be taohf/phase/v1" 's,taohf/phase/v1,taohf/phase/v2,'
slip 2:8 "stands in a file that begins with '0'" 's/^phase: 0/phase: 1/'
slip 3:5 "differs from the file's name" 's/^id: first/id: second/'
slip 5:1 "did you mean 'summary'?" 's/^title: First/title: First\nsumary: x/'
slip 7:5 "did you mean 'title'?" 's/^    title:/    titel:/'
slip 8:5 "did you mean 'creates'?" 's/^    check_host/    create: [x]\n    check_host/'
slip 6:9 "did you mean 'check_host'?" 's/check_host/chek_host/'
slip 6:5 "did you mean 'free_gib'?" 's/free_gib/free_gb/'
slip 6:5 "needs 'in'" 's/check_host: .*/run: { argv: [ls] }/'
slip 8:17 "a step does exactly one verb" 's/^    title: Look/    release: { context: x }/'
slip 6:5 "step 'host' comes after 'later', which does not stand before it" 's/^    title: Look/    after: [later]/'
slip 7:11 "is no comparison" 's/^    title: Look/    when: a > b/'
slip 7:14 "is no duration" 's/^    title: Look/    timeout: soon/'
slip 7:15 "between 1 and 10" 's/^    title: Look/    attempts: 11/'
slip 1:1 "which does not come before it" 's/^title: First/title: First\nneeds: [3]/'
slip 9:5 "step id 'host' stands twice" 's/^gates:/  - id: host\n    release: { context: x }\ngates:/'

# Gates.
slip 10:5 "did you mean 'non_empty'?" 's/non_empty/non_emty/'
slip 10:5 "exactly one subject" 's/value: "[^"]*", //'
slip 10:5 "proves nothing" 's/, non_empty: true//'
slip 10:5 "needs true or false" 's/non_empty: true/non_empty: 3/'
slip 10:5 "did you mean 'host'?" 's/^    step: host/    step: hots/'
slip 10:5 "which this phase does not have" 's/^    step: host/    step: other/'
slip 13:15 "'error' or 'warn'" 's/^    step: host/    step: host\n    severity: fatal/'
slip 10:5 "without '}'" 's/host.git}/host.git/'

# Every slip of a file in one go.
good
sed -i 's/^title: First/title: First\nsumary: x/; s/non_empty/non_emty/; s/^    title: Look/    timeout: soon/' phases/0-first.yaml
run --phases phases gate list
expect_status 22
expect_err "sumary"
expect_err "soon"

: >phases/0-first.yaml
run --phases phases gate list
expect_status 22
expect_err "empty document"
rm phases/0-first.yaml
run --phases phases gate list
expect_status 22
expect_err "no phase files"
run --phases absent gate list
expect_error 2 "--phases: 'absent' is no folder" "leave --phases out"
run --templates "$0" gate list
expect_error 2 "--templates: " "leave --templates out"

# The files of this project are without a slip, from the folder as from the binary.
run --phases "$root/phases" --templates "$root/templates" gate list
expect_status 0
mv out from_folder
run gate list
cmp -s out from_folder || failed "the binary holds other phase files than phases/"
