#!/bin/bash
# clean takes the results and records of its own port and nothing else.
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"

# An engine without containers.
mkdir bin
cat >bin/docker <<'SH'
#!/bin/sh
case $1 in
ps) ;;
*) echo "unexpected: $*" >&2; exit 1 ;;
esac
SH
chmod +x bin/docker
export PATH=$work/bin:$PATH

make_workspace ws
for port in first second; do
    make_port ws $port /models/$port
    mkdir -p ws/results/$port ws/.taohf/$port/rendered/tao-core ws/.taohf/$port/rendered/tao-deploy
    echo result >ws/results/$port/file
    echo "rendered for $port" | tee ws/.taohf/$port/rendered/tao-core/$port.py >ws/tao-core/$port.py
    echo "rendered for $port" >ws/.taohf/$port/rendered/tao-deploy/$port.py
    echo "edited by the user" >ws/tao-deploy/$port.py
done
all=$(find ws -type f | LC_ALL=C sort | xargs sha256sum)
untouched() { [ "$(find ws -type f ! -name lock | LC_ALL=C sort | xargs sha256sum)" = "$all" ] || failed "something was removed or changed"; }

# A name that leads elsewhere is none.
for name in .. . ../.. ../second /etc 'a b'; do
    run -C ws --port "$name" clean --all --yes
    expect_error 2 "cannot be a port's short name" "--name"
    untouched
done

# Nobody is there to be asked.
run -C ws --port first clean --all
expect_error 20 "needs a yes" "taohf clean --all --yes"
untouched
run -C ws --port first clean
expect_status 0
expect_out "removed 0 containers"
untouched

run -C ws --port first clean --all --yes
expect_status 0
expect_out "1 files with your edits were kept"
for file in .taohf/first results/first tao-core/first.py; do
    [ ! -e "ws/$file" ] || failed "$file is left"
done
[ "$(cat ws/tao-deploy/first.py)" = "edited by the user" ] || failed "the user's edit was lost"
for file in .taohf/second/state.json results/second/file tao-core/second.py tao-deploy/second.py taohf.yaml; do
    [ -e "ws/$file" ] || failed "$file of the other port was removed"
done
