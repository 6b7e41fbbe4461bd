#!/bin/bash
# Code of a model's repository is refused unless it is allowed; allowed or not, nothing on this machine runs it.
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"
make_workspace ws
before=$(find ws | LC_ALL=C sort)

copy_digits own
jq '.model_type = "of_its_own" | .architectures = ["OwnModel"] |
    .auto_map = {"AutoConfig": "modeling_own.OwnConfig", "AutoModelForImageClassification": "modeling_own.OwnModel"}' \
    "$digits/model/config.json" >own/config.json
# Whoever imports, compiles or runs it leaves a trace.
echo "open('$work/was-run', 'w').close()" | tee own/modeling_own.py own/sitecustomize.py >own/conftest.py

run inspect own
expect_status 1
cat err >>out
expect_out "code of its own repository (config.json: auto_map)"
expect_out "--allow-remote-code"
run -C ws run own --name own_model --yes
expect_error 19 "code of its own repository (config.json: auto_map)" "taohf inspect"
[ "$(find ws | LC_ALL=C sort)" = "$before" ] || failed "something was left behind"

run --json inspect --allow-remote-code own
expect_status 0
expect_json '.verdict == "portable" and .remote_code == true and .code_module == "modeling_own"'
expect_json '.task == "image-classification" and .architecture == "OwnModel" and .strategy.choice == "wrap"'
expect_json '.task_evidence[0] | contains("auto_map.AutoModelForImageClassification")'
run inspect --allow-remote-code own
expect_out "WARNING: modeling_own.py of the repository defines the class"
run --json inspect --allow-remote-code "$digits/model"
expect_json '.remote_code == false and .code_module == ""'

# The input of a run gets it as far as the container engine, by whichever way it is told.
fake_docker "no such thing"
expect_begun() {
    ! grep -q "cannot be ported" err || failed "it is refused although it is allowed"
    expect_err "no such thing"
}
PATH=$work/bin:$PATH run -C ws run own --name own_model --yes --set allow_remote_code=true
expect_begun
PATH=$work/bin:$PATH TAOHF_ALLOW_REMOTE_CODE=true run -C ws run own --name own_model --yes
expect_begun
run -C ws run own --name own_model --yes --set allow_remote_code=perhaps
expect_status 2
expect_err "input 'allow_remote_code' is true or false, not 'perhaps'"

# What nobody can allow is named.
refused() { # WHAT JQ-FILTER
    mkdir -p other
    cp own/*.py own/*.safetensors own/preprocessor_config.json other
    jq "$2" own/config.json >other/config.json
    run inspect --allow-remote-code other
    expect_status 1
    expect_out "$1"
    run -C ws run other --name other_model --yes --set allow_remote_code=true
    expect_status 19
}
refused "code of another repository" '.auto_map.AutoConfig = "org/other--modeling_own.OwnConfig"'
refused "config.json: trust_remote_code" '.trust_remote_code = true'
refused "config.json: custom_pipelines" '.custom_pipelines = {"own": {"impl": "own.Pipeline"}}'
refused "config.json: _attn_implementation" '._attn_implementation = "org/kernels"'
refused "there is no modeling_absent.py" '.auto_map.AutoModelForImageClassification = "modeling_absent.OwnModel"'
refused "not a module and a class" '.auto_map.AutoModelForImageClassification = "../own/modeling_own.OwnModel"'

[ ! -e was-run ] || failed "code of the repository was run"
