#!/bin/bash
# Python code of a repository is fetched where it is allowed, and only there; an inspection needs but its names.
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"

mkdir -p hub/org
copy_digits hub/org/own
jq '.architectures = ["OwnModel"] | .auto_map = {"AutoModelForImageClassification": "modeling_own.OwnModel"}' \
    "$digits/model/config.json" >hub/org/own/config.json
echo 'raise SystemExit("this must not run")' | tee hub/org/own/modeling_own.py >hub/org/own/layers.py
start_hub
make_fetching_workspace ws
sed 's/to: "/remote_code: true, &/' ws/phases/0-fetch.yaml >allowed
cache=$HF_HOME/hub/models--org--own

python_files() { (cd "$1" && find . -name '*.py' | LC_ALL=C sort | xargs); }

run --json inspect org/own
expect_status 1
expect_json '.remote_code and .code_module == ""'
run --json inspect --allow-remote-code org/own
expect_status 0
expect_json '.verdict == "portable" and .code_module == "modeling_own" and .source == "hub"'
asked >asked
jq -se 'all(.path | endswith(".py") | not)' asked >jq || failed "an inspection fetched code"

fetch org/own
expect_status 0
[ -z "$(python_files ws/results)$(python_files "$cache")" ] || failed "code was fetched though nobody allowed it"
[ -z "$(find "$cache" -name model.safetensors)" ] || failed "weights of a refused model were fetched"

# What the cache lacks of it is fetched once it is allowed, also when the weights are there.
cp allowed ws/phases/0-fetch.yaml
for _ in first again; do
    rm -rf ws/results
    fetch org/own
    expect_status 0
    [ "$(python_files ws/results/*/model)" = "./layers.py ./modeling_own.py" ] || failed "code is missing in the port"
    rm "$cache"/snapshots/*/layers.py "$cache"/snapshots/*/modeling_own.py
done
fetch org/own
HF_HUB_OFFLINE=1 run --json inspect --allow-remote-code org/own
expect_json '.verdict == "portable" and .source == "cache"'
