#!/bin/bash
# What the command line does not know is refused with exit code 2 and the nearest thing it does know.
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"

run
expect_error 2 "subcommand is required" "taohf --help"
run inspct model
expect_error 2 "knows no 'inspct'" "did you mean 'inspect'?"
run gate chek
expect_error 2 "knows no 'chek'" "did you mean 'check'?"
run status --wy
expect_error 2 "'status' knows no '--wy'" "did you mean '--why'?"
run run model --datset=pets
expect_error 2 "'run' knows no '--datset'" "did you mean '--dataset'?"
run frobnicate
expect_error 2 "knows no 'frobnicate'" "taohf --help"
run status surplus
expect_error 2 "knows no 'surplus'" "taohf status --help"
run run
expect_error 2 "model is required" "taohf run --help"
run run model --name
expect_error 2 "--name" "taohf run --help"
run run model --until 9
expect_error 2 "--until" "taohf run --help"
run run model --until 7
expect_error 2 "--until: there is no phase 7; phases are 0..6" "taohf run --help"
run run model --until -1
expect_error 2 "--until" "taohf run --help"
run --port one run model --name two
expect_error 2 "--name two and --port one" "give one of them"
run schema frobnicate
expect_error 2 "frobnicate" "taohf schema --help"

# For scripts the same as one JSON object.
run --json frobnicate
expect_status 2
expect_no_out
cp err out
expect_json '.schema == "taohf/error/v1" and .code == 2 and .class == "USAGE" and (.message | contains("frobnicate"))'

expect_files "$work" "./err ./home ./jq ./out"
