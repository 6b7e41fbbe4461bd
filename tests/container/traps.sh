#!/bin/bash
# Mistakes that a port invites, each planted in a copy of the templates of a finished port: the gate named turns red.
# They are those that silently spoil a model: a wrong class number, mode, normalisation, order of outputs, class
# `no object`, and order of what the engine answers.
#
# Works on copies of the ports that tasks.sh leaves; makes them if there are none.
#   TAOHF_TEST_TRAPS   names of the cases below to run; default: all
# usage: TAOHF=taohf traps.sh [IGNORED]    exit code 77: no docker
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"
source "$(dirname "${BASH_SOURCE[0]}")/lib/tasks.sh"

# case | model | layout | phases | gate | template | what stands there | what stands there instead
cases() {
    cat <<'END'
eval-mode | rt_detr | inlined | 3 | G3.10 | common/hf_model.py.tmpl | (config).train() | (config).eval()
normalisation | rt_detr | inlined | 3 | G3.4 | common/hf_model.py.tmpl | scale = 255 * RESCALE | scale = 256 * RESCALE
output-order | rt_detr | inlined | 3..4 | G4.3 | detection/pytorch/pl_model.py.tmpl | {"pred_logits": self.scores(output.logits), "pred_boxes": output.pred_boxes} | {"pred_boxes": output.pred_boxes, "pred_logits": self.scores(output.logits)}
class-offset | rt_detr | inlined | 3..6 | G6.9 | detection/deploy/corrections.py.tmpl | first_line = -1 if reference.__name__.endswith(".inference") else 0 | first_line = 1
no-object | mask2former_instance | core | 3 | G3.4 | universal/pytorch/pl_model.py.tmpl | torch.cat([logits[..., -1:], logits[..., :-1]], dim=-1) | logits
END
}

# A copy of the finished port of a model, made where there is none.
finished_port() { # MODEL LAYOUT TASK-ARGUMENTS...
    layout=$2
    store=$root/build/test-workspace/$layout
    port=tiny_$1
    if ! "$taohf" -C "$store/$port" --json gate check >"$scratch/before.json" 2>/dev/null; then port_task "$@"; fi
    copy_workspace "$store/$port" "$scratch/ws"
}

clean_up() { for port in tiny_rt_detr tiny_mask2former_instance; do remove_containers_of "$scratch/ws"; done; }

plant() { # TEMPLATE OLD NEW: into a fresh copy of the templates
    rm -rf "$scratch/templates"
    cp -a "$root/templates" "$scratch/templates"
    python3 - "$scratch/templates/$1" "$2" "$3" <<'PYTHON'
import pathlib
import sys

file, old, new = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
text = file.read_text(encoding="utf-8")
if text.count(old) != 1:
    sys.exit(f"{file.name} has {text.count(old)} times: {old}")
file.write_text(text.replace(old, new), encoding="utf-8")
PYTHON
}

expect_red() { # GATE
    check_gates "$scratch/ws" --templates "$scratch/templates"
    jq -e --arg gate "$1" '.gates[] | select(.id == $gate) | .passed == false and .severity == "error"' "$scratch/gates.json" >/dev/null ||
        { tail -n 20 "$scratch/run.log" >&2; fail "gate $1 is not red"; }
}

wanted=${TAOHF_TEST_TRAPS:-$(cases | cut -d'|' -f1 | xargs)}
while IFS='|' read -r name model of_layout phases gate template old new; do
    name=$(trim "$name") model=$(trim "$model") gate=$(trim "$gate")
    case " $wanted " in *" $name "*) ;; *) continue ;; esac
    arguments=()
    [ "$model" != mask2former_instance ] || arguments=(--task instance-segmentation)
    finished_port "$model" "$(trim "$of_layout")" "${arguments[@]}"
    plant "$(trim "$template")" "$(trim "$old")" "$(trim "$new")" || fail "$name: the mistake cannot be planted"
    status=0
    "$taohf" -C "$scratch/ws" --templates "$scratch/templates" --port "$port" phase "$(trim "$phases")" \
        >"$scratch/run.log" 2>&1 || status=$?
    [ "$status" -eq 1 ] || { tail -n 20 "$scratch/run.log" >&2; fail "$name: ended with $status, expected 1"; }
    expect_red "$gate"
    grep -q "gate $gate is red" "$scratch/run.log" || { tail -n 5 "$scratch/run.log" >&2; fail "$name: another gate than $gate stopped the run"; }
    remove_containers_of "$scratch/ws"
    say "$name: gate $gate is red"
done < <(cases)
