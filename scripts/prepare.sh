#!/bin/bash
# prepare.sh [--no-build] [--tests]
#
# Makes a Debian or Ubuntu machine ready for taohf and builds it: missing packages, a running docker
# engine, build/release/taohf. Safe to repeat; a second call touches neither apt nor the engine.
#
#   --no-build   packages and engine only
#   --tests      also what the tests need, and build them
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
logs=$root/build/logs
build=yes tests=no

tools="cmake ninja-build g++ git jq python3 file ca-certificates procps"
libraries="libcli11-dev libyaml-cpp-dev nlohmann-json3-dev libkainjow-mustache-dev libcurl4-openssl-dev
    libspdlog-dev libfmt-dev libexpected-dev libre2-dev libssl-dev zlib1g-dev"
sandbox="debootstrap debian-archive-keyring"
test_packages="libgtest-dev libgmock-dev libcpp-httplib-dev librapidcheck-dev busybox-static openssl python3-venv strace"

say() { echo "prepare: $*" >&2; }
die() { say "$*"; exit 1; }

# Quiet while it works; on failure the end of the log and its name.
logged() { # LOG WHAT COMMAND...
    local log=$logs/$1 what=$2
    shift 2
    if ! "$@" >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        die "$what failed; the whole log is $log"
    fi
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

can_be_root() { [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null || { [ -t 0 ] && command -v sudo >/dev/null; }; }

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

missing_packages() {
    local package wanted="$tools $libraries $sandbox"
    [ "$tests" = no ] || wanted="$wanted $test_packages"
    for package in $wanted; do
        is_installed "$package" || echo "$package"
    done
    command -v docker >/dev/null || echo docker.io
}

apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@"; }

install_missing() {
    local missing
    command -v dpkg-query >/dev/null || die "this is not Debian or Ubuntu: install the packages that README.md names"
    mapfile -t missing < <(missing_packages)
    [ "${#missing[@]}" -gt 0 ] || return 0
    can_be_root || die "not installed: ${missing[*]}; neither root nor sudo here, so run: apt-get install ${missing[*]}"
    say "installing ${missing[*]} (compiler and libraries for the build; docker and debootstrap for the sandbox)"
    logged apt-update.log "apt-get update" apt update
    # Newer releases keep the client apart from the engine.
    case " ${missing[*]} " in *" docker.io "*)
        if apt-cache show docker-cli 2>/dev/null | grep -q '^Package:'; then missing+=(docker-cli); fi ;;
    esac
    logged apt-install.log "apt-get install" apt install --yes --no-install-recommends "${missing[@]}"
}

check_cmake() {
    local version
    version=$(cmake --version | sed -n '1s/[^0-9]*\([0-9.]*\).*/\1/p')
    [ "$(printf '3.25\n%s\n' "$version" | sort -V | head -n 1)" = 3.25 ] ||
        die "cmake $version is too old, 3.25 is needed: use Debian 12, Ubuntu 24.04 or newer"
}

engine_answers() { docker info >/dev/null 2>&1; }

wait_for_engine() { # SECONDS
    local second
    for ((second = 0; second < $1; second++)); do
        engine_answers && return 0
        sleep 1
        # An engine that has given up will not answer later.
        [ "$second" -lt 5 ] || pgrep -x dockerd >/dev/null || return 1
    done
    return 1
}

start_daemon() {
    # A session of its own: the engine outlives this script and does not get its terminal's signals.
    as_root setsid --fork dockerd </dev/null >"$logs/dockerd.log" 2>&1
}

start_engine() {
    engine_answers && return 0
    # shellcheck disable=SC2016  # the user's shell expands it, not this one
    if docker info 2>&1 | grep -qi 'permission denied'; then
        die 'docker runs, but this user may not use it: sudo usermod -aG docker "$USER", and log in again'
    fi
    [ -z "${DOCKER_HOST:-}" ] || die "no docker engine answers at DOCKER_HOST=$DOCKER_HOST"
    can_be_root || die "the docker engine is not running, and starting it needs root or sudo"
    say "starting the docker engine (every step of a port runs in containers)"
    if [ -d /run/systemd/system ]; then
        as_root systemctl start docker >"$logs/docker-service.log" 2>&1 || true
        wait_for_engine 60 && return 0
    elif [ -x /etc/init.d/docker ]; then
        as_root service docker start >"$logs/docker-service.log" 2>&1 || true
        wait_for_engine 20 && return 0
    fi
    pgrep -x dockerd >/dev/null || start_daemon
    wait_for_engine 60 && return 0
    tail -n 20 "$logs"/dockerd.log "$logs"/docker-service.log >&2 2>/dev/null || true
    die "the docker engine did not start; its logs are in $logs"
}

build() {
    local targets=(--target taohf) testing=OFF
    if [ "$tests" = yes ]; then targets=() testing=ON; fi
    cd "$root"
    [ -x build/release/taohf ] || say "building build/release/taohf (a few minutes, once)"
    logged configure.log "cmake --preset release" cmake --preset release -DBUILD_TESTING=$testing
    logged build.log "cmake --build --preset release" cmake --build --preset release "${targets[@]}"
}

while [ $# -gt 0 ]; do
    case $1 in
    --no-build) build=no ;;
    --tests) tests=yes ;;
    -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;;
    *) say "unknown argument $1"; exit 2 ;;
    esac
    shift
done

mkdir -p "$logs"
install_missing
check_cmake
start_engine
[ "$build" = no ] || build
