#!/bin/bash
# Configurations of models that are not vision, or vision outside the seven tasks, in the shapes the Hub has:
# each refused with its kind, the reason and the nearest alternative.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/lib/harness.sh"
configs=$here/configs/refused.jsonl

[ "$(wc -l <"$configs")" -ge 60 ] || failed "fewer than 60 configurations"
number=0
while IFS= read -r line; do
    number=$((number + 1))
    mkdir -p "models/$number"
    jq .config <<<"$line" >"models/$number/config.json"
    echo "models/$number" >>list
done <"$configs"

run --json inspect --from list
expect_status 1
[ "$(wc -l <out)" -eq "$number" ] || failed "not one line for each of $number models"
# What a person must read there, by kind: what it is, and that it is not a vision model or has no reference.
jq -n -r --slurpfile wanted "$configs" --slurpfile said out '
    range($wanted | length) as $i | $wanted[$i] as $w | $said[$i] as $s
    | ($w.config.architectures[0] // $w.config.model_type) as $name
    | (["text", "audio", "video", "multimodal", "time series", "reinforcement learning", "graph"] | index($w.kind)) as $other
    | (if $w.kind == "remote code" then
        ($s.remote_code and ($s.reason | contains("auto_map")) and $s.task == "unknown")
      elif $other != null then
        ($s.task == $w.kind and ($s.reason | contains($name) and contains($w.kind) and contains("not a vision model")))
      else
        ($s.task == $w.kind and ($s.reason | contains("not a vision model") | not))
      end) as $right
    | if $right and $s.verdict == "refused" and ($s.alternative | length) > 10 then empty
      else "\($w.model): wanted \($w.kind), said \($s.task): \($s.reason) [\($s.alternative)]" end' >wrong
[ ! -s wrong ] || failed "refused for the wrong reason: $(cat wrong)"

# By name, with what stands in the way, and what to take instead.
for class in OwlViTForObjectDetection Owlv2ForObjectDetection; do
    jq -r --arg class "$class" 'select(.architecture == $class)
        | "\(.reason) \(.alternative)"' out >owl
    for words in "no labels" "CLIP tokens" "grounding_dino" "six BERT inputs" "IDEA-Research/grounding-dino-tiny"; do
        grep -qF "$words" owl || failed "$class: '$words' is missing in: $(cat owl)"
    done
done

# The class in config.json decides, not what its name or neighbours suggest.
mkdir -p liar
echo '{"architectures": ["ViTForCausalLM"], "model_type": "vit-odd", "image_size": 224}' >liar/config.json
run --json inspect liar
expect_status 1
expect_json '.verdict == "refused" and .task == "text"'
