#!/bin/bash
# make_base.sh [--log FILE]
#
# Makes the Docker image that every sandbox image starts from: a minimal Debian trixie whose CA
# bundle also holds the host's own certificates (a network that inspects TLS is unusable without
# them). The published image is pulled when a registry answers quickly, otherwise the system is
# bootstrapped from the host's Debian mirror, which needs root or a password-less sudo.
#
# Environment: TAOHF_DEBIAN_MIRROR (default: the mirror in the host's apt sources),
# TAOHF_NO_PULL=1 (do not ask a registry), TAOHF_PULL_SECONDS (20).
set -euo pipefail

image=taohf-sandbox/base:trixie
suite=trixie
here=$(cd "$(dirname "$0")" && pwd)
host_bundle=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}
log=/dev/null
if [ "${1:-}" = --log ]; then log=$2; fi

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

# First Debian archive mirror of the host, in deb822 or one-line form; security mirrors do not
# hold the base system and third-party archives have no `Components: main` under /debian.
host_mirror() {
  local sources=(/etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list)
  cat "${sources[@]}" 2>/dev/null | awk '
    /^[[:space:]]*#/ { next }
    $1 == "URIs:" { for (i = 2; i <= NF; i++) print $i }
    $1 == "deb"   { for (i = 2; i <= NF; i++) if ($i ~ /:\/\//) { print $i; break } }' |
    grep -E '/debian/?$' | head -n 1
}

recipe() {
  { cat "$here/make_base.sh"; if [ -r "$host_bundle" ]; then cat "$host_bundle"; fi; } |
    sha256sum | cut -d' ' -f1
}

pull_published() {
  [ "${TAOHF_NO_PULL:-}" != 1 ] || return 1
  timeout "${TAOHF_PULL_SECONDS:-20}" docker pull -q "debian:$suite-slim" >>"$log" 2>&1
}

# A private copy of the debootstrap data, because an older host release may not know this suite.
debootstrap_data() {
  cp -r /usr/share/debootstrap "$work/debootstrap"
  [ -e "$work/debootstrap/scripts/$suite" ] || ln -s sid "$work/debootstrap/scripts/$suite"
}

bootstrap() {
  local mirror=${TAOHF_DEBIAN_MIRROR:-$(host_mirror)}
  [ -n "$mirror" ] || { echo "no Debian mirror found: set TAOHF_DEBIAN_MIRROR" >&2; return 1; }
  debootstrap_data
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  as_root env DEBOOTSTRAP_DIR="$work/debootstrap" debootstrap --variant=minbase \
    --include=ca-certificates ${keyring:+--keyring="$keyring"} \
    "$suite" "$work/root" "$mirror" >>"$log" 2>&1
  as_root chroot "$work/root" apt-get distclean >>"$log" 2>&1 # packages and lists that were fetched
  as_root tar -C "$work/root" --numeric-owner --one-file-system --exclude=./proc/* --exclude=./sys/* \
    --exclude=./dev/* -c . | docker import - "$root_image" >>"$log"
}

# Host certificates are appended, so the image's own ones stay valid as well.
add_certificates() {
  mkdir "$work/context"
  if [ -r "$host_bundle" ]; then cp "$host_bundle" "$work/context/host-ca.crt"
  else : >"$work/context/host-ca.crt"; fi
  cat >"$work/context/Dockerfile" <<DOCKERFILE
FROM $1
COPY host-ca.crt /usr/local/share/taohf/host-ca.crt
RUN if [ ! -s /etc/ssl/certs/ca-certificates.crt ]; then mkdir -p /etc/ssl/certs; fi \\
 && cat /usr/local/share/taohf/host-ca.crt >> /etc/ssl/certs/ca-certificates.crt
ENV LANG=C.UTF-8 SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \\
    REQUESTS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt
LABEL taohf.sandbox=1 taohf.recipe=$2
DOCKERFILE
  DOCKER_BUILDKIT=0 docker build -q --network none -t "$image" "$work/context" >>"$log" 2>&1
}

wanted=$(recipe)
present=$(docker image inspect -f '{{index .Config.Labels "taohf.recipe"}}' "$image" 2>/dev/null || true)
if [ "$present" = "$wanted" ]; then exit 0; fi

work=$(mktemp -d "${TMPDIR:-/var/tmp}/taohf-base.XXXXXX")
trap 'as_root rm -rf "$work"' EXIT
root_image=taohf-sandbox/root:$suite
if pull_published; then root_image=debian:$suite-slim; else bootstrap; fi
add_certificates "$root_image" "$wanted"
