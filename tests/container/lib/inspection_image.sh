# shellcheck shell=bash
# Sourced behind harness.sh by what asks transformers itself, in the inspection image without a network.

inside() { # FURTHER DOCKER OPTIONS... -- COMMAND...
    local options=()
    while [ "$1" != -- ]; do options+=("$1"); shift; done
    docker run --rm --network none --user "$(id -u):$(id -g)" --label taohf=1 --env HOME=/tmp \
        --env PYTHONDONTWRITEBYTECODE=1 --env PYTHONPATH=/tests/lib --volume "$root/tests/container:/tests:ro" \
        "${options[@]}" taohf-sandbox/inspect:trixie "${@:2}"
}
