# shellcheck shell=bash
# Sourced by every test of this folder, after which `start_hub` serves $work/hub at $HF_ENDPOINT and the rest is as in
# tests/cli. Nothing here reaches a network but the first installation of huggingface_hub.
caller_home=$HOME
caller_proxies=()
for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY all_proxy; do
    [ -z "${!name:-}" ] || caller_proxies+=("$name=${!name}")
done
source "$(dirname "${BASH_SOURCE[0]}")/../../cli/lib/harness.sh"

hub_lib=$root/tests/hub/lib
client=$root/build/hub/client
client_packages=(huggingface_hub==0.36.0)
export HF_HUB_DISABLE_TELEMETRY=1 HF_HUB_DISABLE_PROGRESS_BARS=1 NO_PROXY='127.0.0.1,127.0.0.2,localhost'
unset HF_HUB_OFFLINE HF_HUB_CACHE http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy
hub_process=''

clean_up() {
    [ -z "$hub_process" ] || kill "$hub_process" 2>/dev/null || true
}

# A virtual environment in the build folder that holds the official client; made once, of what the caller's pip can get.
need_client() {
    "$client/bin/python" -c 'import huggingface_hub' 2>/dev/null && return
    python3 -m venv "$client" >"$work/pip" 2>&1 || skip "no virtual environment: $(tail -n 1 "$work/pip")"
    env HOME="$caller_home" "${caller_proxies[@]}" "$client/bin/pip" install --quiet "${client_packages[@]}" >"$work/pip" 2>&1 ||
        skip "huggingface_hub cannot be installed: $(tail -n 1 "$work/pip")"
}

python_client() { PYTHONDONTWRITEBYTECODE=1 "$client/bin/python" "$@"; }

# Models that the tests share: digits (also as shards and as a torch file), and what a hub may refuse.
make_models() {
    mkdir -p hub/org
    copy_digits hub/org/digits
    copy_digits hub/org/pr
    echo 'another card' >hub/org/pr/README.md
    echo '{"revisions": {"refs/pr/1": "../pr"}}' >hub/org/digits/.hub.json
    local name
    for name in gated private disabled oldname; do copy_digits "hub/org/$name"; done
    echo '{"gated": "manual"}' >hub/org/gated/.hub.json
    echo '{"private": true}' >hub/org/private/.hub.json
    echo '{"disabled": true}' >hub/org/disabled/.hub.json
    echo '{"renamed_to": "org/digits"}' >hub/org/oldname/.hub.json
    python3 "$hub_lib/make_weights.py" shards hub/org/digits hub/org/sharded 3
    python3 "$hub_lib/make_weights.py" torch hub/org/digits hub/org/torch
}

start_hub() { # ARGUMENTS of local_hub.py
    PYTHONDONTWRITEBYTECODE=1 python3 "$hub_lib/local_hub.py" "$work/hub" --log "$work/requests" "$@" \
        >"$work/hub-url" 2>"$work/hub-errors" &
    hub_process=$!
    until [ -s "$work/hub-url" ]; do
        kill -0 "$hub_process" || { cat "$work/hub-errors" >&2; exit 1; }
        sleep 0.1
    done
    HF_ENDPOINT=$(cat "$work/hub-url")
    export HF_ENDPOINT
}

# What was asked since the last call, a JSON line each.
asked() {
    sleep 0.5
    cat "$work/requests" 2>/dev/null || true
    rm -f "$work/requests"
}

# A workspace whose only phase fetches a model into the cache: what a port does first, without a container.
make_fetching_workspace() { # FOLDER
    make_workspace "$1"
    mkdir "$1/phases"
    cat >"$1/phases/0-fetch.yaml" <<'YAML'
schema: taohf/phase/v1
phase: 0
id: fetch
title: Fetch
steps:
  - id: snapshot
    title: Fetch the model's files
    snapshot: { model: "${inputs.model}", to: "${paths.results}/model" }
    creates: ["${paths.results}/model"]
YAML
}

fetch() { # MODEL: `taohf phase 0` of a port of its own
    local port
    port=p$(printf %s "$1$RANDOM" | md5sum | cut -c1-8)
    make_port ws "$port" "$1"
    run --phases ws/phases -C ws --port "$port" phase 0
}
