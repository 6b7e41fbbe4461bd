#!/bin/sh
# Arrows between modules point one way, and each heavy library has one includer (docs/architecture.md).
# usage: arrows.sh SOURCE_DIR
set -eu
cd "$1"
bad=0
complain() { echo "$1" >&2; bad=1; }

allowed() {
    case $1 in
    base) echo base ;;
    host) echo base host ;;
    lang) echo base host lang ;;
    phase | state | hub | tao | container | render) echo base host lang "$1" ;;
    actions | gates) echo base host lang phase state hub tao container render "$1" ;;
    engine) echo base host lang phase state hub tao container render actions gates engine ;;
    cli) echo base host lang phase state hub tao container render actions gates engine cli ;;
    *) complain "unknown module '$1'" ;;
    esac
}

for folder in src/*/ include/taohf/*/; do
    module=$(basename "$folder")
    permitted=" $(allowed "$module") "
    for included in $(grep -rhoE '#include <taohf/[a-z_]+/' "$folder" | sed 's|.*taohf/||; s|/||' | sort -u); do
        case $permitted in
        *" $included "*) ;;
        *) complain "$folder includes <taohf/$included/...>: the arrow points the wrong way" ;;
        esac
    done
done

only() { # only PATTERN FILE: no other file under src or include may include PATTERN
    grep -rlE "#include <$1" src include | grep -vx "$2" | while read -r file; do
        echo "$file includes <$1...>: only $2 may" >&2
    done | grep . && bad=1 || true
}
only 'yaml-cpp/' src/lang/yaml_reader.cpp
only 'kainjow/' src/render/mustache_engine.cpp
only 'CLI/' src/cli/app.cpp
only 'spdlog/' src/base/log.cpp
only 'curl/' src/host/curl_http.cpp
exit $bad
