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
#
# An image is made by <image>/install.sh inside a container of the image below it, which is then
# committed: one layer. A Dockerfile costs a layer for each instruction, which on some storage drivers
# takes as long as the work itself. Proxy and pip settings reach the container's processes only, so
# that none of them stays in an image or its history.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
version='' logs=''
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

label() { docker image inspect -f "{{index .Config.Labels \"taohf.recipe\"}}" "$1" 2>/dev/null || true; }

# Digest of the files an image is made of, of its version and of the image below it.
recipe() { # NAME VERSION PARENT
  {
    echo "$2 $(label "$3")"
    cat "$here/build.sh"
    [ "$1" = inspect ] || cat "$here"/released/*.py
    find "$here/$1" -type f ! -name '*.pyc' | LC_ALL=C sort | xargs sha256sum | sed "s#  $here/#  #"
  } | sha256sum | cut -d' ' -f1
}

# docker exec copies the values of these names from this script's environment: none stands in an argument.
passed_on=()
pass_on_settings() {
  local name setting
  for name in PIP_INDEX_URL:index-url PIP_EXTRA_INDEX_URL:extra-index-url \
    PIP_TRUSTED_HOST:trusted-host PIP_DEFAULT_TIMEOUT:timeout; do
    setting=${name##*:} name=${name%%:*}
    if [ -z "${!name:-}" ] && command -v pip3 >/dev/null; then
      export "$name=$(pip3 config get "global.$setting" 2>/dev/null || true)"
    fi
    [ -n "${!name:-}" ] || unset "$name"
  done
  for name in PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_TRUSTED_HOST PIP_DEFAULT_TIMEOUT \
    http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
    if [ -n "${!name:-}" ]; then passed_on+=(-e "$name"); fi
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

install_and_commit() { # CONTAINER NAME VERSION PARENT IMAGE RECIPE
  local changes=() line
  docker rm -f "$1" >/dev/null 2>&1 || true
  docker create --name "$1" --label taohf.sandbox=1 --network host --user 0:0 --workdir / "$4" sleep infinity
  docker start "$1"
  docker exec "$1" mkdir -p /opt/taohf
  docker cp "$here/$2" "$1:/opt/taohf/$2"
  docker cp "$here/released" "$1:/opt/taohf/released"
  docker exec ${passed_on[@]+"${passed_on[@]}"} -e DEBIAN_FRONTEND=noninteractive -e PIP_ROOT_USER_ACTION=ignore \
    -e PIP_CERT=/etc/ssl/certs/ca-certificates.crt "$1" sh "/opt/taohf/$2/install.sh" "$3"
  docker kill "$1"
  while read -r line; do changes+=(--change "ENV $line"); done <"$here/$2/environment"
  docker commit --change "LABEL taohf.sandbox=1 taohf.recipe=$6 taohf.tao_version=$3" --change 'CMD ["/bin/bash"]' \
    --change 'WORKDIR /workspace' "${changes[@]}" "$1" "$5"
}

build_image() { # NAME TAG VERSION PARENT
  local image=$repository/$1:$2 container=taohf-sandbox-$1-$2-build started=$SECONDS wanted status=0
  wanted=$(recipe "$1" "$3" "$4")
  if [ "$(label "$image")" = "$wanted" ]; then report "$image" present 0; return 0; fi
  # Not in a condition, where `set -e` would be off and a failed step would go unnoticed.
  install_and_commit "$container" "$1" "$3" "$4" "$image" "$wanted" >"$logs/$1.log" 2>&1 &
  wait $! || status=$?
  docker rm -f "$container" >/dev/null 2>&1 || true
  if [ "$status" -ne 0 ]; then
    report "$image" failed $((SECONDS - started))
    tail -n 15 "$logs/$1.log" >&2
    return 1
  fi
  report "$image" built $((SECONDS - started))
}

pytorch_chain() {
  # The inspection image does not depend on the TAO version.
  build_image inspect trixie any "$repository/base:trixie" &&
    build_image pytorch "$version" "$version" "$repository/inspect:trixie"
}

# Two workspaces made at once share the images: the second waits and finds them present.
exec 9>"${TMPDIR:-/tmp}/taohf-sandbox-$(id -u).lock"
flock 9
pass_on_settings
build_base
build_image deploy "$version" "$version" "$repository/base:trixie" &
deploy_job=$!
failed=0
pytorch_chain || failed=1
wait "$deploy_job" || failed=1
exit $failed
