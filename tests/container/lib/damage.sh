# shellcheck shell=bash
# Sourced by red_gates.sh: ways to damage a finished port, each undone by `undo`. Paths are relative to
# the workspace; `evidence/x.json` and other paths without a clone in front lie in results/<port>.

# shellcheck disable=SC2154 # scratch and port come from harness.sh, workspace from the test
state_file() { echo "$workspace/.taohf/$port/state.json"; }

path_of() {
    case $1 in tao-*) echo "$workspace/$1" ;; *) echo "$workspace/results/$port/$1" ;; esac
}

# Remembers a file or folder as it is, with its times.
keep() { # PATH
    local target
    target=$scratch/kept$(dirname "$1")
    [ -e "$scratch/kept$1" ] && return
    mkdir -p "$target"
    cp -a "$1" "$target/"
    echo "$1" >>"$scratch/kept.list"
}

undo() {
    local path
    [ -f "$scratch/kept.list" ] || return 0
    while read -r path; do
        rm -rf "$path"
        mv "$scratch/kept$path" "$path"
    done <"$scratch/kept.list"
    rm -rf "$scratch/kept" "$scratch/kept.list"
}

# The ways. An edit that changes nothing is a mistake of the table.
edit() { # FILE JQ-FILTER: another value in a JSON document
    local file
    file=$(path_of "$1")
    keep "$file"
    jq "$2" "$scratch/kept$file" >"$file" || fail "jq cannot do '$2' on $1"
    if cmp -s <(jq -S . "$file") <(jq -S . "$scratch/kept$file"); then fail "'$2' changes nothing in $1"; fi
}

record() { # STEP JQ-FILTER: another value in what a step's record says
    local file
    file=$(state_file)
    keep "$file"
    jq --arg id "$1" '(.phases[].steps[] | select(.id == $id) | .outputs) |= ('"$2"')' "$scratch/kept$file" >"$file" ||
        fail "jq cannot do '$2' on the record of $1"
    if cmp -s <(jq -S . "$file") <(jq -S . "$scratch/kept$file"); then fail "'$2' changes nothing in the record of $1"; fi
}

outcome() { # STEP OUTCOME: a step that did not end well
    keep "$(state_file)"
    jq --arg id "$1" --arg outcome "$2" '(.phases[].steps[] | select(.id == $id)).outcome = $outcome' \
        "$scratch/kept$(state_file)" >"$(state_file)"
}

delete() { # PATH
    local path
    path=$(path_of "$1")
    keep "$path"
    rm -r "$path"
}

truncate_file() { # FILE: half of it is left, as after a full disk
    local file
    file=$(path_of "$1")
    keep "$file"
    truncate --size=$(($(stat -c %s "$file") / 2)) "$file"
}

empty() { # FILE
    local file
    file=$(path_of "$1")
    keep "$file"
    : >"$file"
}

replace() { # FILE OTHER: the same kind of file, of another model
    local file
    file=$(path_of "$1")
    keep "$file"
    rm "$file" # it may be a link, whose target is not meant
    cp "$(path_of "$2")" "$file"
}

append() { # FILE TEXT: a source that was edited after something was made from it
    local file
    file=$(path_of "$1")
    keep "$file"
    printf '%s\n' "$2" >>"$file"
}

substitute() { # FILE SED-SCRIPT
    local file
    file=$(path_of "$1")
    keep "$file"
    sed -i "$2" "$file"
    if cmp -s "$file" "$scratch/kept$file"; then fail "'$2' changes nothing in $1"; fi
}

emptied() { # FOLDER: there, but with nothing in it
    local folder
    folder=$(path_of "$1")
    keep "$folder"
    find "$folder" -mindepth 1 -delete
}
