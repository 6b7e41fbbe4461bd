#!/bin/bash
# build.sh --tao-version V [--log DIR]
#
# Builds the sandbox images of one TAO version in the fastest order:
#
#   taohf-sandbox/base:trixie -> inspect:trixie -> pytorch:V      (one chain)
#                             -> deploy:V                         (beside it)
#
# Prints one line for each image: name, state (built, present or failed), seconds. Details go to
# DIR/<image>.log. An image whose label taohf.recipe equals the digest of its inputs is left alone.
# The host's proxy and pip settings reach the build through build arguments only.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
version= logs=
while [ $# -gt 0 ]; do
  case $1 in
    --tao-version) version=$2; shift 2 ;;
    --log) logs=$2; shift 2 ;;
    *) echo "build.sh: unknown argument $1" >&2; exit 2 ;;
  esac
done
[[ $version =~ ^[0-9]+(\.[0-9]+)+$ ]] || { echo "build.sh: --tao-version X.Y.Z is required" >&2; exit 2; }
logs=${logs:-$(mktemp -d "${TMPDIR:-/tmp}/taohf-build.XXXXXX")}
mkdir -p "$logs"

repository=taohf-sandbox
export DOCKER_BUILDKIT=0 # no BuildKit on older engines, and the layer cache must be shared

label() { docker image inspect -f "{{index .Config.Labels \"taohf.recipe\"}}" "$1" 2>/dev/null || true; }

# Digest of the files an image is made of, of its version and of the image below it.
recipe() { # NAME PARENT
  {
    echo "$version $(label "$2")"
    [ "$1" = inspect ] || cat "$here"/released/*.py
    find "$here/$1" -type f ! -name '*.pyc' | LC_ALL=C sort | xargs sha256sum | sed "s#  $here/#  #"
  } | sha256sum | cut -d' ' -f1
}

pip_setting() { # ENVIRONMENT-NAME CONFIG-NAME
  local value=${!1:-}
  if [ -z "$value" ] && command -v pip3 >/dev/null; then
    value=$(pip3 config get "global.$2" 2>/dev/null || true)
  fi
  # A build argument can be read in the image history: credentials must not become one.
  case $value in *://*@*) echo "build.sh: $1 has credentials and is not passed on" >&2 ;;
    *) printf '%s' "$value" ;; esac
}

build_arguments=()
collect_build_arguments() {
  local name value
  for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
    if [ -n "${!name:-}" ]; then build_arguments+=(--build-arg "$name") ; fi
  done
  for name in PIP_INDEX_URL:index-url PIP_EXTRA_INDEX_URL:extra-index-url \
    PIP_TRUSTED_HOST:trusted-host PIP_DEFAULT_TIMEOUT:timeout; do
    value=$(pip_setting "${name%%:*}" "${name##*:}")
    if [ -n "$value" ]; then build_arguments+=(--build-arg "${name%%:*}=$value"); fi
  done
}

report() { printf '%-32s %-8s %4ss\n' "$1" "$2" "$3"; }

build_base() {
  local started=$SECONDS before state=present
  before=$(label "$repository/base:trixie")
  if ! "$here/make_base.sh" --log "$logs/base.log" 2>>"$logs/base.log"; then
    report "$repository/base:trixie" failed $((SECONDS - started))
    tail -n 5 "$logs/base.log" >&2
    return 1
  fi
  if [ "$before" != "$(label "$repository/base:trixie")" ]; then state=built; fi
  report "$repository/base:trixie" $state $((SECONDS - started))
}

build_image() { # NAME TAG PARENT
  local image=$repository/$1:$2 started=$SECONDS wanted
  wanted=$(recipe "$1" "$3")
  if [ "$(label "$image")" = "$wanted" ]; then report "$image" present 0; return 0; fi
  if ! docker build --network host --label "taohf.recipe=$wanted" --build-arg "BASE=$3" \
    ${build_arguments[@]+"${build_arguments[@]}"} "${@:4}" \
    -t "$image" -f "$here/$1/Dockerfile" "$here" >"$logs/$1.log" 2>&1; then
    report "$image" failed $((SECONDS - started))
    tail -n 15 "$logs/$1.log" >&2
    return 1
  fi
  report "$image" built $((SECONDS - started))
}

pytorch_chain() {
  # The inspection image does not depend on the TAO version.
  version=any build_image inspect trixie "$repository/base:trixie" &&
    build_image pytorch "$version" "$repository/inspect:trixie" --build-arg "TAO_VERSION=$version"
}

collect_build_arguments
build_base
build_image deploy "$version" "$repository/base:trixie" --build-arg "TAO_VERSION=$version" &
deploy_job=$!
failed=0
pytorch_chain || failed=1
wait "$deploy_job" || failed=1
exit $failed
