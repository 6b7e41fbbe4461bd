"""Maps that must be proved, and broken ones that must not be. Usage: cases.py PROBES MODEL WORK

PROBES holds the two probes, MODEL the snapshot of a ViT, WORK the weight map derived of it.
"""

import json
import pathlib
import sys

PROBES, MODEL, WORK = (pathlib.Path(argument) for argument in sys.argv[1:4])
sys.path.insert(0, str(PROBES))

import derive_weight_map
import prove_weight_map
import timm
import torch
import transformers
from lib.sources import load_model
from lib.weight_map_entries import make

TOLERANCE = 2e-5
SIZES = {
    "hidden_size": 32,
    "num_attention_heads": 2,
    "num_hidden_layers": 3,
    "image_size": 32,
    "patch_size": 8,
}
# (class, configuration, expected strategy): other sizes, no biases, other activations and tokens.
FAMILIES = [
    (
        "ViTForImageClassification",
        {"qkv_bias": False, "hidden_act": "gelu_new", "intermediate_size": 72},
        "timm",
    ),
    (
        "ViTForImageClassification",
        {
            "hidden_act": "quick_gelu",
            "intermediate_size": 50,
            "image_size": [32, 48],
            "num_channels": 1,
        },
        "timm",
    ),
    ("ViTMSNForImageClassification", {"intermediate_size": 64, "layer_norm_eps": 1e-6}, "timm"),
    ("DeiTForImageClassification", {"intermediate_size": 64}, "timm"),
    ("IJepaForImageClassification", {"intermediate_size": 64}, "timm"),
    ("ViTForImageClassification", {"hidden_act": "laplace", "intermediate_size": 64}, "wrap"),
    ("DeiTForImageClassificationWithTeacher", {"intermediate_size": 64}, "wrap"),
]


def call(probe, name, inputs):
    """Run a probe as a step does and return its evidence."""
    evidence = WORK / f"{name}.json"
    evidence.unlink(missing_ok=True)
    path = WORK / f"{name}.inputs.json"
    path.write_text(json.dumps({"tolerance": TOLERANCE, "evidence": str(evidence), **inputs}))
    sys.argv = [probe.__name__, str(path)]
    probe.main()
    return json.loads(evidence.read_text())


def expect(condition, words):
    """End the test where a condition does not hold."""
    if not condition:
        raise SystemExit(f"FAILED: {words}")


def prove(name, document, model=MODEL, **others):
    """Return the proof of a weight map."""
    path = WORK / f"{name}.map.json"
    path.write_text(json.dumps(document))
    return call(
        prove_weight_map, f"{name}.proof", {"model": str(model), "weight_map": str(path), **others}
    )


def must_fail(name, document, words, **others):
    """Expect that the proof fails, by a check whose name holds the words."""
    proof = prove(name, document, **others)
    failed = [row["name"] for row in proof["checks"] if not row["passed"]]
    expect(not proof["proved"] and proof["why"], f"{name} was proved")
    expect(any(words in row for row in failed), f"{name} failed only by {failed}")
    print(f"red as it must be: {name}: {proof['why']}")


def swapped(document, first, second):
    """Return the map in which two source tensors changed places."""
    places = {first: second, second: first}
    entries = [
        {**entry, "source": [places.get(name, name) for name in entry["source"]]}
        for entry in document["entries"]
    ]
    expect(entries != document["entries"], f"{first} and {second} are not in the map")
    return {**document, "entries": entries}


def broken_maps(document):
    """Break the map of the snapshot in ways that keep all shapes."""
    layer = "vit.encoder.layer.0"
    attention = f"{layer}.attention.attention"
    pairs = {
        "norms swapped": (f"{layer}.layernorm_before.weight", f"{layer}.layernorm_after.weight"),
        "query and key swapped": (f"{attention}.query.weight", f"{attention}.key.weight"),
        "key and value swapped": (f"{attention}.key.weight", f"{attention}.value.weight"),
    }
    for name, (first, second) in pairs.items():
        must_fail(
            name.replace(" ", "-"), swapped(document, first, second), "random weights 1, noise"
        )
    # Outputs cannot tell key biases apart, the layers' own answers can.
    other = f"{attention}.key.bias".replace("layer.0", "layer.1")
    must_fail(
        "key-biases-swapped", swapped(document, f"{attention}.key.bias", other), "layer's output"
    )
    for index in (0, len(document["entries"]) // 2):
        entries = document["entries"][:index] + document["entries"][index + 1 :]
        must_fail(f"entry-{index}-dropped", {**document, "entries": entries}, "unset targets")
    timm = {**document["timm"], "norm_eps": 1e-6}
    must_fail("another-epsilon", {**document, "timm": timm}, "layer's output")


def broken_checkpoints(document):
    """Convert the snapshot, and break the checkpoint."""
    source = load_model(MODEL, document).state_dict()
    state = {
        f"model.{entry['target']}": make(entry, source).clone() for entry in document["entries"]
    }
    path = WORK / "checkpoint.pth"

    def saved(changes):
        torch.save({"epoch": 0, "state_dict": {**state, **changes}}, path)
        return str(path)

    proof = prove("checkpoint", document, checkpoint=saved({}))
    expect(proof["proved"], f"the converted checkpoint: {proof['why']}")
    name = "model.blocks.1.mlp.fc1.weight"
    must_fail("scaled", document, "differ in a bit", checkpoint=saved({name: state[name] * 1.001}))
    spoiled = state[name].clone()
    spoiled[0, 0] = float("nan")
    must_fail(
        "nan", document, "checkpoint tensors that are not finite", checkpoint=saved({name: spoiled})
    )
    must_fail(
        "extra", document, "only the checkpoint has", checkpoint=saved({"model.more": state[name]})
    )
    must_fail("half", document, "differ in a bit", checkpoint=saved({name: state[name].half()}))
    del state[name]
    must_fail("lacking", document, "the checkpoint lacks", checkpoint=saved({}))


def family(number, architecture, settings, strategy):
    """Make a small random model of a family, derive its map and prove it."""
    folder = WORK / f"family-{number}"
    torch.manual_seed(number)
    found = getattr(transformers, architecture)
    config = found.config_class(**{**SIZES, **settings})
    config.num_labels = 7
    found(config).save_pretrained(folder)
    size = config.image_size if isinstance(config.image_size, list) else [config.image_size] * 2
    inspection = WORK / f"family-{number}.inspection.json"
    inspection.write_text(
        json.dumps(
            {
                "library": "transformers",
                "architecture": architecture,
                "code_module": "",
                "strategy": {"choice": "timm", "why": "a test", "others": ["wrap"]},
                "image": {"channels": config.num_channels, "height": size[0], "width": size[1]},
            }
        )
    )
    document = call(
        derive_weight_map,
        f"family-{number}",
        {"model": str(folder), "inspection": str(inspection), "strategy": "auto"},
    )
    expect(
        document["strategy"] == strategy,
        f"{architecture} became {document['strategy']}: {document['reason']}",
    )
    proof = prove(f"family-{number}", document, folder)
    expect(proof["proved"], f"{architecture}: {proof['why']}")
    expect(
        proof["used_sources"] == proof["source_tensors"], f"{architecture}: a tensor is not used"
    )


def timm_model():
    """Make a small model of timm's own, prove its map, and break it."""
    folder = WORK / "timm-model"
    torch.manual_seed(1)
    arguments = {"channels": [8, 16, 24, 32], "stem_width": 4}
    model = timm.create_model("resnet18", num_classes=5, **arguments)
    timm.models.save_for_hf(model, str(folder), model_args=arguments, safe_serialization=True)
    inspection = WORK / "timm-model.inspection.json"
    inspection.write_text(
        json.dumps(
            {
                "library": "timm",
                "architecture": "resnet18",
                "code_module": "",
                "strategy": {"choice": "timm", "why": "a test", "others": []},
                "image": {"channels": 3, "height": 64, "width": 64},
            }
        )
    )
    inputs = {"model": str(folder), "inspection": str(inspection), "strategy": "auto"}
    document = call(derive_weight_map, "timm-model", inputs)
    expect(document["backbone"] == "timm_model", f"the backbone is {document['backbone']}")
    expect(document["head_module"] == "fc", f"the classifier is {document['head_module']}")
    proof = prove("timm-model", document, folder)
    expect(proof["proved"] and proof["relative_difference"] == 0, f"timm's own: {proof['why']}")
    first, second = (f"layer1.{number}.conv2.weight" for number in (0, 1))
    broken = swapped(document, first, second)
    must_fail("timm-swapped", broken, "random weights 1, noise", model=folder)
    other = {**document, "config": {**document["config"], "output_stride": 8}}
    must_fail("timm-other-arguments", other, "own weights, noise", model=folder)
    config = json.loads((folder / "config.json").read_text())
    config["model_args"]["features_only"] = True
    (folder / "config.json").write_text(json.dumps(config))
    try:
        call(derive_weight_map, "timm-arguments", inputs)
    except SystemExit as error:
        expect("features_only" in str(error), f"refused for another reason: {error}")
    else:
        expect(False, "arguments that cut the model were taken")


def main():
    """Run all cases."""
    torch.set_num_threads(2)
    prove_weight_map.RANDOM_WEIGHTS = 1  # the script around this ran the proof in full
    document = json.loads((WORK / "weight_map.json").read_text())
    broken_maps(document)
    broken_checkpoints(document)
    wrap = call(
        derive_weight_map,
        "wrap",
        {"model": str(MODEL), "inspection": str(WORK / "inspection.json"), "strategy": "wrap"},
    )
    expect(wrap["is_wrap"] and not wrap["is_twin"] and wrap["timm"] is None, "wrap is not wrap")
    proof = prove("wrap", wrap)
    expect(proof["proved"] and proof["relative_difference"] == 0, f"wrap: {proof['why']}")
    first, second = (
        f"vit.encoder.layer.{number}.attention.output.dense.weight" for number in (0, 1)
    )
    must_fail("wrap-swapped", swapped(wrap, first, second), "random weights 1, noise")
    for number, row in enumerate(FAMILIES):
        family(number, *row)
    timm_model()
    print("all cases hold")


if __name__ == "__main__":
    main()
