#!/bin/bash
# A step whose `when` does not hold is passed over, in words that say what it needs.
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"

make_workspace ws
make_port ws skipped "$digits/model"
mkdir phases
cat >phases/0-only.yaml <<'YAML'
schema: taohf/phase/v1
phase: 0
id: only
title: Only
steps:
  - id: core-tests
    title: Test
    when: tao.layout == 'core'
    define: { values: {} }
YAML
run --phases phases -C ws --port skipped phase 0
expect_status 0
expect_err "core-tests - skipped: needs tao.layout == core"
run --phases phases -C ws --port skipped plan
expect_out "(needs tao.layout == core)"
