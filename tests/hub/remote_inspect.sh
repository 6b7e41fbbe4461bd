#!/bin/bash
# A model on the hub is known without a download: the same document as of its folder, from the bytes that are needed.
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"

make_models
start_hub

# Of each form of weights: what a folder says, the hub says; whatever it weighs, only headers are read.
for name in digits sharded torch; do
    run --json inspect --keys "hub/org/$name"
    expect_status 0
    jq 'del(.model, .revision, .source, .bytes_read, .seconds)' out >local
    run --json inspect --keys "org/$name"
    expect_status 0
    jq 'del(.model, .revision, .source, .bytes_read, .seconds)' out >remote
    cmp local remote || failed "hub and folder differ: $(diff local remote)"
    expect_json '.source == "hub" and (.revision | test("^[0-9a-f]{40}$")) and .bytes_read < 100000 and .seconds < 10'
    asked >asked
    [ "$(jq -s 'map(.sent) | add' asked)" -eq "$(jq .bytes_read out)" ] || failed "bytes_read is not what the hub sent"
    jq -se 'map(select(.path | endswith("README.md"))) | length == 0' asked >jq || failed "the card was fetched"
    jq -se 'all(.status < 400)' asked >jq || failed "something was asked for that is not there"
done
[ ! -e "$HF_HOME" ] || failed "an inspection writes nothing"
run --json inspect org/digits
asked >asked
jq -se 'map(select(.host == "cdn")) | map(.sent) | add == 7776' asked >jq || failed "more than the header was read"

# Every address of a model; another revision; a name that has changed.
for address in org/digits@main "$HF_ENDPOINT/org/digits" "$HF_ENDPOINT/org/digits/tree/main" hf://org/digits; do
    run --json inspect "$address"
    expect_json '.verdict == "portable" and (has("renamed_to") | not)'
done
commit=$(jq -r .revision out)
run --json inspect "org/digits@$commit"
expect_json ".revision == \"$commit\""
run --json inspect org/digits@refs/pr/1
expect_json '.verdict == "portable" and .licence == ""'
[ "$(jq -r .revision out)" != "$commit" ] || failed "another revision is another commit"
run --json inspect org/oldname
expect_json '.renamed_to == "org/digits" and .verdict == "portable"'

# A model of another kind is refused by its configuration: its weights are not looked at.
mkdir hub/org/text
echo '{"architectures": ["LlamaForCausalLM"], "model_type": "llama"}' >hub/org/text/config.json
cp hub/org/digits/model.safetensors hub/org/text/
kill "$hub_process"
wait "$hub_process" 2>/dev/null || true
rm -f hub-url requests
start_hub --latency-ms 30
run --json inspect org/text
expect_status 1
expect_json '.verdict == "refused" and .bytes_read < 5000'
asked >asked
jq -se 'map(select(.path | endswith("safetensors"))) | length == 0' asked >jq || failed "the weights were looked at"

# Many in one call: a line each in the order given, one failure beside them, and not one after the other.
for _ in $(seq 40); do echo org/digits; done >list
echo org/nothing >>list
echo org/sharded >>list
SECONDS=0
run --json inspect --from list
expect_status 1
[ "$SECONDS" -le 5 ] || failed "42 models took $SECONDS s"
[ "$(jq -s length out)" -eq 42 ] || failed "not a line each"
[ "$(jq -r .model out)" = "$(cat list)" ] || failed "another order than the one given"
jq -se '.[40] | .verdict == "error" and .code == 14 and .class == "AUTH" and (.next | contains("HF_TOKEN"))' out >jq ||
    failed "the failure does not say what it is"
jq -se '[.[] | select(.verdict == "portable")] | length == 41' out >jq || failed "the others did not go on"
run inspect org/digits org/sharded
expect_status 0
[ "$(grep -c '^model  ' out)" -eq 2 ] || failed "two models are two screens"

# Ctrl-C ends it at once, whatever the hub does.
kill "$hub_process"
wait "$hub_process" 2>/dev/null || true
rm -f hub-url
echo '[{"match": "^hub", "hang_after": 0}]' >rules
start_hub --faults rules
for models in org/digits 'org/digits org/sharded'; do
    # shellcheck disable=SC2086  # words are models
    env --default-signal=INT "$taohf" inspect $models >out 2>err </dev/null &
    waiting=$!
    sleep 1
    # shellcheck disable=SC2034  # the harness tells them
    SECONDS=0 command_line="taohf inspect $models, and Ctrl-C" status=0
    kill -INT "$waiting"
    # shellcheck disable=SC2034
    wait "$waiting" || status=$?
    expect_status 130
    [ "$SECONDS" -le 2 ] || failed "it took $SECONDS s to end"
done
