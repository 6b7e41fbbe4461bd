#!/bin/bash
# A model that cannot be ported is refused by `inspect` and by `run`, and `run` leaves nothing behind.
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"
make_workspace ws
before=$(find ws | LC_ALL=C sort)

refused() { # INSPECT-CODE RUN-CODE MODEL WHAT
    run inspect "$3"
    expect_status "$1"
    cat err >>out
    expect_out "$4"
    run -C ws run "$3" --name some_model --yes
    expect_status "$2"
    expect_err "$4"
    expect_err "taohf: error: "
    [ "$(find ws | LC_ALL=C sort)" = "$before" ] || failed "something was left behind: $(find ws -newer ws/taohf.yaml)"
}

mkdir text
echo '{"architectures": ["BertForSequenceClassification"], "model_type": "bert", "id2label": {"0": "a", "1": "b"}}' >text/config.json
refused 1 1 text "BertForSequenceClassification is a text model"
run --json inspect text
expect_json '.verdict == "refused" and .task == "text" and (.reason | contains("not a vision model")) and has("alternative")'

mkdir empty
refused 10 10 empty "no config.json"
mkdir weightless
cp "$digits"/model/*.json weightless
refused 10 10 weightless "no weights"

copy_digits cut
head -c 1000 "$digits/model/model.safetensors" >cut/model.safetensors
refused 10 10 cut "no valid safetensors file"
copy_digits giant
printf '\xff\xff\xff\xff\xff\xff\xff\x7f{}' >giant/model.safetensors
refused 10 10 giant "no valid safetensors file"
copy_digits short
head -c -4 "$digits/model/model.safetensors" >short/model.safetensors
refused 10 10 short "no valid safetensors file"
copy_digits text_for_json
echo '{"architectures": [' >text_for_json/config.json
refused 10 10 text_for_json "config.json"

copy_digits remote
jq '.auto_map = {"AutoModelForImageClassification": "modeling.Model"}' "$digits/model/config.json" >remote/config.json
refused 1 19 remote "code of its own repository"
run --json inspect remote
expect_json '.verdict == "refused" and .remote_code == true'

refused 10 10 ./absent "does not exist"
refused 15 15 nobody/absent "HF_HUB_OFFLINE"
refused 2 2 'a b/c' "neither a folder nor a model id"
