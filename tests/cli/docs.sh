#!/bin/bash
# README.md and docs/ say what is so: generated tables, links, named files, commands with their flags, the example.
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"

pages=("$root/README.md" "$root"/docs/*.md "$root"/docs/adr/*.md)
"$root/docs/tables.sh" --check "$taohf" >out 2>err || failed "a table is out of date"

# Links to files of the project.
for page in "${pages[@]}"; do
    while read -r link; do
        [ -e "$(dirname "$page")/$link" ] || failed "$page links to $link, which does not exist"
    done < <(sed 's/<!--.*-->//; /^<!--/,/-->/d' "$page" | grep -o '](\([^)#]*\)' | sed 's/](//' | grep -v '^https\?:' || true)
done

# Files and folders in `code` that begin with a folder of the project.
for page in "${pages[@]}"; do
    while read -r path; do
        compgen -G "$root/$path" >/dev/null || failed "$page names $path, which does not exist"
    done < <(grep -oE '`(src|include|phases|templates|tests|scripts|examples|docs|cmake)/[A-Za-z0-9_./*-]*`' "$page" | tr -d '`' || true)
done

# Every `taohf ...`, in code or in a line of a code block, is a command that takes these flags.
command_words() { # the words before the first argument
    local word words=()
    for word in "$@"; do
        case $word in
        gate | init | run | phase | plan | status | inspect | logs | report | doctor | shell | clean | schema | completion | use | version)
            words+=("$word")
            [ "$word" = gate ] || break
            ;;
        check | list | show | approve) [ "${words[*]}" != gate ] || words+=("$word") ;;
        esac
    done
    echo "${words[*]}"
}
named=0
for page in "${pages[@]}"; do
    while read -r line; do
        read -ra words <<<"${line#*taohf }"
        read -ra command <<<"$(command_words "${words[@]}")"
        [ "${#command[@]}" -gt 0 ] || [[ $line == *" --"* ]] || failed "$page: no command in '$line'"
        run "${command[@]}" --help
        expect_status 0
        "$taohf" --help >>out
        for word in "${words[@]}"; do
            [[ $word != -* ]] || grep -qwF -e "${word%%=*}" out || failed "$page: '$line' has the flag $word"
        done
        named=$((named + 1))
    done < <(grep -ohE '(`taohf [^`]+`|^    taohf [^#]+)' "$page" | tr -d '`' | sed 's/^ *//' |
        grep -vE '^taohf: |^taohf [a-z]*$' || true)
done
[ "$named" -ge 15 ] || failed "only $named commands were found"

# The scripts take the flags that the README gives them.
while read -r flag; do
    grep -qwF -e "$flag" <<<"$("$root/scripts/quickstart.sh" --help)" || failed "quickstart.sh has no $flag"
done < <(sed -n '/`quickstart.sh` takes/,/\./p' "$root/README.md" | grep -oE -- '--[a-z-]+')
for script in quickstart test; do
    grep -q "^    scripts/$script.sh" "$root/README.md" || failed "the README lacks the command scripts/$script.sh"
done

# The example of a phase file works.
mkdir phases
sed -n '/^```yaml$/,/^```$/p' "$root/docs/phases.md" | sed '1d;$d' >phases/0-example.yaml
run --phases phases gate list
expect_status 0
expect_out "G0.1   A recent docker is here  [host]"

# No page tells of the machine it was written on.
if grep -nE '(^|[^a-z])/(root|home|work)/' "${pages[@]}" >out; then failed "a page has a path of a machine"; fi
