#!/bin/bash
# bench_literal.sh [--workspace DIR]
#
# How long the same port takes by the literal commands of the workflow: for every step a fresh
# `docker run --rm` with its own installs, one after the other. Compared with `taohf run` from nothing,
# both on this machine with the images already built and stripped. Prints both times and the ratio.
#
# What the literal side does not do, because a person does it there: deciding and writing the code. It
# runs on the code that taohf rendered and starts with the tests. Installs are offline
# (--no-deps --no-build-isolation), which is quicker than the workflow's own lines with a network.
#
#   --workspace DIR   a scratch folder for both sides; default: a new one, removed at the end
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
taohf=${TAOHF:-$root/build/release/taohf}
name=vit_digits
scratch='' keep=no

while [ $# -gt 0 ]; do
    case $1 in
    --workspace) scratch=$2 keep=yes; shift ;;
    -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;;
    *) echo "bench_literal: unknown argument $1" >&2; exit 2 ;;
    esac
    shift
done
[ -n "$scratch" ] || scratch=$(mktemp -d)
if [ "$keep" = no ]; then trap 'rm -rf "$scratch"' EXIT; fi

ours=$scratch/ours literal=$scratch/literal log=$scratch/literal.log
dataset=$root/examples/digits/dataset
mkdir -p "$scratch"
: >"$log"

seconds_of() { # COMMAND...; prints seconds with one decimal
    local start end
    start=$(date +%s.%N)
    "$@" >>"$log" 2>&1 || { tail -n 30 "$log" >&2; echo "bench_literal: '$*' failed" >&2; exit 1; }
    end=$(date +%s.%N)
    awk -v a="$start" -v b="$end" 'BEGIN { printf "%.1f", b - a }'
}

# A container as the workflow starts it: root, the whole workspace mounted, installs first.
fresh() { # IMAGE REPOSITORY PYTHONPATH COMMAND
    docker run --rm --network none --shm-size 2g --label taohf.bench=1 \
        -v "$literal:/workspace" -v "$dataset:/data/$name:ro" -w "/workspace/$2" \
        -e PYTHONPATH="$3" -e TELEMETRY_OPT_OUT=yes -e HF_HUB_OFFLINE=1 -e TRANSFORMERS_OFFLINE=1 \
        -e WANDB_MODE=disabled -e HYDRA_FULL_ERROR=1 -e PYTHONDONTWRITEBYTECODE=1 -e OMP_WAIT_POLICY=passive \
        "$1" bash -c "set -euo pipefail
            pip install -q --root-user-action ignore --break-system-packages --no-deps --no-build-isolation --use-pep517 /workspace/tao-core
            pip install -q --root-user-action ignore --break-system-packages --no-deps --no-build-isolation --use-pep517 -e .
            $4" || { tail -n 30 "$log" >&2; exit 1; } # of the subshell that is timed
}

in_pytorch() { fresh "taohf-sandbox/pytorch-base:$version" tao-pytorch \
    /opt/taohf/shim:/workspace/tao-core:/workspace/tao-pytorch "$1"; }
in_deploy() { fresh "taohf-sandbox/deploy-base:$version" tao-deploy \
    /opt/taohf/emulation:/workspace/tao-core:/workspace/tao-deploy "$1"; }
probe() { echo "python3 $inside/probe/$1 $inside/probe/$2.json"; }

inside=/workspace/results/$name
pytorch_command="python3 -m nvidia_tao_pytorch.cv.$name.entrypoint.$name"
deploy_command="python3 -m nvidia_tao_deploy.cv.$name.entrypoint.$name"
pytorch_spec="-e /workspace/tao-pytorch/nvidia_tao_pytorch/cv/$name/experiment_specs/experiment_spec.yaml"
specs=/workspace/tao-deploy/nvidia_tao_deploy/cv/$name/specs
data="dataset.root_dir=/data/$name dataset.train_dataset.images_dir=/data/$name/train
    dataset.val_dataset.images_dir=/data/$name/val dataset.test_dataset.images_dir=/data/$name/test"
data=$(tr -s '\n ' ' ' <<<"$data")
checkpoint=$inside/convert/$name.pth onnx=$inside/export/$name.onnx engine=$inside/trt/$name.engine

# Every step that taohf runs in a container, in the order of the phases.
literal_port() {
    in_pytorch "$(probe inspect_model.py confirm)"
    in_pytorch "$(probe reference_symbols.py symbols)"
    in_pytorch "$(probe check_dataset.py dataset)"
    in_pytorch "$(probe derive_weight_map.py weight-map)"
    in_pytorch "$(probe prove_weight_map.py weight-map-proof)"
    in_pytorch "python3 -m nvidia_tao_pytorch.cv.$name.utils.hf_checkpoint_converter --snapshot $inside/model --output $checkpoint"
    in_pytorch "$(probe prove_weight_map.py checkpoint-proof)"
    in_pytorch "$(probe check_module.py module)"
    in_pytorch "$(probe check_onnx_export.py onnx-round-trip)"
    in_pytorch "$(probe check_specs.py specs-pytorch)"
    in_deploy "$(probe check_specs.py specs-deploy)"
    in_pytorch "$(probe check_package.py package-pytorch)"
    in_deploy "$(probe check_package.py package-deploy)"
    in_pytorch "python3 -m pytest -q tests/cv_unit_test/$name"
    in_deploy "python3 -m pytest -q tests/$name"
    in_deploy "$(probe run_static_checks.py static)"
    in_pytorch "$(probe build_wheel.py wheel-pytorch)"
    in_deploy "$(probe build_wheel.py wheel-deploy)"
    in_pytorch "$pytorch_command train $pytorch_spec results_dir=$inside train.num_epochs=2 dataset.batch_size=32 $data model.backbone.pretrained_backbone_path=$checkpoint"
    in_pytorch "$(probe check_checkpoint.py trained-checkpoint)"
    in_pytorch "$pytorch_command evaluate $pytorch_spec results_dir=$inside dataset.batch_size=32 $data evaluate.checkpoint=$checkpoint"
    in_pytorch "$pytorch_command inference $pytorch_spec results_dir=$inside dataset.batch_size=32 $data inference.checkpoint=$checkpoint"
    in_pytorch "$pytorch_command export $pytorch_spec results_dir=$inside $data export.checkpoint=$checkpoint export.onnx_file=$onnx"
    in_deploy "$deploy_command gen_trt_engine -e $specs/gen_trt_engine.yaml results_dir=$inside gen_trt_engine.onnx_file=$onnx gen_trt_engine.trt_engine=$engine gen_trt_engine.tensorrt.data_type=fp32"
    in_deploy "$deploy_command inference -e $specs/inference.yaml results_dir=$inside inference.trt_engine=$engine dataset.root_dir=/data/$name dataset.test_dataset.images_dir=/data/$name/test"
    in_deploy "$deploy_command evaluate -e $specs/evaluate.yaml results_dir=$inside evaluate.trt_engine=$engine dataset.root_dir=/data/$name dataset.test_dataset.images_dir=/data/$name/test"
    in_pytorch "$(probe hf_answers.py answers-hf)"
    in_pytorch "$(probe native_answers.py answers-native)"
    in_deploy "$(probe engine_answers.py answers-engine)"
    in_pytorch "$(probe compare_answers.py compare)"
}

prepare_literal() {
    cp -a "$ours" "$literal"
    # What the steps make is made again; model, probes and rendered code stay.
    (cd "$literal/results/$name" && rm -rf convert export trt gen_trt_engine train evaluate inference \
        trt_inference trt_evaluate answers wheels evidence/[!i]*)
    # The comparison reads what these steps left.
    mkdir -p "$literal/results/$name/evidence" "$literal/results/$name/convert" "$literal/results/$name/wheels"
}

"$taohf" -C "$ours" init --profile sandbox --layout inlined >>"$log" 2>&1
version=$(sed -n 's/^tao_version: *//p' "$ours/taohf.yaml" | tr -d "\"'")
# Both sides start with the stripped images of the workflow's preparation.
"$taohf" -C "$ours" run "$root/examples/digits/model" --dataset "$dataset" --name $name --yes --until 0 >>"$log" 2>&1
our_seconds=$(seconds_of "$taohf" -C "$ours" run "$root/examples/digits/model" --dataset "$dataset" --name $name --yes)
echo "taohf run:          $our_seconds s"
prepare_literal
literal_seconds=$(seconds_of literal_port)
echo "literal commands:   $literal_seconds s"
awk -v a="$our_seconds" -v b="$literal_seconds" 'BEGIN { printf "ratio:              %.2f (at most 0.50 is the aim)\n", a / b; exit !(a / b <= 0.5) }'
