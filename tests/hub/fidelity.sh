#!/bin/bash
# The local hub is as the real one: the official Python client, unmodified, finds there what it finds on the Hub.
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"

need_client
make_models
start_hub
python_client "$hub_lib/fidelity.py" "$work/hub"

# The client's token stays with the hub: its storage, a second host, never sees it.
export HF_TOKEN=hf_localtesttoken
python_client -c 'import huggingface_hub as hub; hub.hf_hub_download("org/gated", "model.safetensors")'
asked >asked
jq -se 'map(select(.host == "cdn")) | length > 0 and all(.token | not)' asked >jq || { echo "no download, or a token too far"; exit 1; }
jq -se 'map(select(.host == "hub" and .path == "/org/gated/resolve/main/model.safetensors")) | any(.token)' asked >jq ||
    { echo "the client sent no token"; exit 1; }
