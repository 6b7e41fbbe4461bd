#!/bin/bash
# Without docker, or with one that does not answer: exit code 13 with what, why and what to do. A new port leaves
# nothing behind; one that was begun can go on later.
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"

make_workspace ws
everything() { (cd ws && find . ! -name .git ! -path '*/.git/*' -printf '%p %s\n' | LC_ALL=C sort); }
before=$(everything)

told() { # WHAT WHY NEXT
    expect_error 13 "$1" "$3"
    expect_err "$2"
    expect_err "in step host"
    expect_err "kept: nothing"
    [ "$(everything)" = "$before" ] || failed "something was left behind: $(diff <(echo "$before") <(everything))"
}

# A dead socket.
run -C ws run "$digits/model" --dataset "$digits/dataset" --name vit --yes
told "the docker daemon does not answer" "docker said: " "docker"
run doctor
expect_status 13
expect_out "missing  docker engine"
run --json doctor
expect_status 13
expect_json '.schema == "taohf/doctor/v1" and .ready == false and any(.checks[]; .check == "docker engine" and .state == "missing" and (.next | length) > 0)'

# The same as events: one JSON object a line, the error on standard error.
run -C ws --json run "$digits/model" --name vit
expect_status 13
jq -es 'length > 3 and all(.[]; .schema == "taohf/event/v1")' out >jq || failed "no stream of events"
tail -n 1 err >out
expect_json '.schema == "taohf/error/v1" and .code == 13 and .class == "ENV" and (.next | length) > 0'

# Something that answers nonsense, and no docker at all.
mkdir nonsense none
printf '#!/bin/sh\necho hello\n' >nonsense/docker
chmod +x nonsense/docker
PATH=$work/nonsense:$PATH run -C ws run "$digits/model" --name vit
told "did not answer with JSON" "docker" "docker info"
ln -s "$(command -v git)" none/git
PATH=$work/none run -C ws run "$digits/model" --name vit
told "the program 'docker' could not be started" "No such file" "docker"
PATH=$work/none run doctor
expect_status 13
# git is asked first.
rm none/git
PATH=$work/none run -C ws run "$digits/model" --name vit
told "git is not installed" "" "install git"

# Another port of the workspace stays the current one, and keeps its records.
mkdir -p ws/.taohf/older
echo 'port: older' >>ws/taohf.yaml
before=$(everything)
run -C ws run "$digits/model" --name vit
told "the docker daemon does not answer" "docker said: " "docker"
rm -r ws/.taohf
sed -i '/^port: older/d' ws/taohf.yaml

# An engine that goes away after the first step: what is begun is kept.
fake_docker "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?"
PATH=$work/bin:$PATH run -C ws run "$digits/model" --name vit --yes
expect_error 13 "the docker daemon does not answer" "docker"
expect_err "while preparing step image-pytorch"
run -C ws --json status
expect_json '.port == "vit" and .phases[0].conclusion == "failure" and .phases[0].steps[0].outcome == "success"'
run -C ws run "$digits/model" --name vit
expect_error 13 "the docker daemon does not answer" "docker"
run -C ws --port vit clean
expect_error 13 "the docker daemon does not answer" "docker"
run -C ws --port vit shell
expect_status 20
