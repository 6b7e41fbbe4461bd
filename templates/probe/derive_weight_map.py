"""The weight map of a model: which tensors of HuggingFace make which tensors of the TAO backbone.

Inputs: model (snapshot folder), inspection (what the host read of it), strategy (auto, timm or
wrap), tolerance. With strategy timm the map is derived by running both models, not read off their
names; with auto the transformers model is wrapped when timm has no equal model.
"""

import json
import pathlib

from lib.evidence import read_inputs, write_json
from lib.weight_map_align import Lockstep, NotDerived
from lib.weight_map_entries import copies
from lib.weight_map_models import (
    PREFIX,
    NoTwin,
    answers,
    build_target,
    head_module,
    kept_config,
    load_config,
    load_source,
    timm_block,
)
from lib.weight_map_proof import Proof
from lib.weight_map_random import random_images

SEED = 1


def frame(inspection, model, config):
    """Return what the evidence says of a model under every strategy."""
    shape = {key: inspection["image"][key] for key in ("channels", "height", "width")}
    head, is_answer = head_module(model, random_images(shape, 2, SEED))
    return {
        "schema": "taohf/weight_map/v1",
        "architecture": inspection["architecture"],
        "head_module": head,
        "head_is_answer": is_answer,
        "config": kept_config(config),
        "num_classes": config.num_labels,
        "input": shape,
    }


def derived(document, tolerance):
    """Return the entries that carry the weights into the target, found by running both models."""
    proof = Proof(document, None, tolerance, SEED)
    source, target = proof.new_source(SEED), proof.new_target(SEED + 1)
    pixels = random_images(document["input"], 2, SEED)
    lockstep = Lockstep(
        source,
        target,
        lambda images: answers(source, images),
        lambda images: answers(target, images),
        pixels,
    )
    return lockstep.derive()


def with_timm(document, config, tolerance):
    """Return the document with the map into timm and its proof on random weights."""
    block = timm_block(document["architecture"], config)
    document = {
        **document,
        "strategy": "timm",
        "is_wrap": False,
        "is_timm": True,
        "timm": block,
        "entries": [],
    }
    document["entries"] = derived(document, tolerance)
    return with_ledger(document, tolerance)


def with_wrap(document, source, tolerance):
    """Return the document with the map into a module that holds the transformers model."""
    state = source.state_dict()
    return with_ledger(
        {
            **document,
            "strategy": "wrap",
            "is_wrap": True,
            "is_timm": False,
            "timm": None,
            "entries": copies(state, PREFIX, state),
        },
        tolerance,
    )


def with_ledger(document, tolerance):
    """Return the document with what its entries leave out, and a first proof.

    The proof in full, on other models, is a step of its own.
    """
    proof = Proof(document, None, tolerance, SEED)
    book = proof.structure()
    proof.random_weights(1)
    target = build_target(document)
    return {
        **document,
        "source_tensors": book["used_sources"]
        + len(book["unused_sources"])
        + len(book["explained_sources"]),
        "target_tensors": len(target.state_dict()),
        "explained_sources": book["explained_sources"],
        "unused_sources": book["unused_sources"],
        "unset_targets": book["unset_targets"],
        "relative_difference": proof.largest,
        "not_proved": proof.checks.why,
    }


def by_strategy(asked, inspection, document, source, tolerance):
    """Return the document of the strategy that was asked for, or of the first that works."""
    proposed = inspection["strategy"]["choice"]
    if asked == "wrap":
        return with_wrap(document, source, tolerance), "wrap was asked for"
    if asked == "auto" and proposed != "timm":
        why = inspection["strategy"]["why"]
        reason = (
            why if proposed == "wrap" else f"{proposed} is proposed and not supported here: {why}"
        )
        return with_wrap(document, source, tolerance), reason
    try:
        mapped = with_timm(document, source.config, tolerance)
        failure = mapped["not_proved"]
    except (NoTwin, NotDerived) as error:
        mapped, failure = None, str(error)
    if not failure:
        return (
            mapped,
            f"timm's {mapped['timm']['class']} answers as {document['architecture']} does",
        )
    if asked == "auto":
        return with_wrap(document, source, tolerance), f"timm was tried first: {failure}"
    if mapped is None:
        raise SystemExit(f"there is no map into timm: {failure}")
    return mapped, f"timm was asked for and is not proved: {failure}"


def main():
    """Write the weight map."""
    inputs = read_inputs()
    inspection = json.loads(pathlib.Path(inputs["inspection"]).read_text(encoding="utf-8"))
    asked, tolerance = inputs["strategy"], float(inputs["tolerance"])
    if asked not in ("auto", "timm", "wrap"):
        raise SystemExit(f"unknown strategy '{asked}': auto, timm or wrap")
    source, _ = load_source(inputs["model"], inspection["architecture"])
    config = load_config(inputs["model"], inspection["architecture"])
    document = frame(inspection, source, config)
    document, reason = by_strategy(asked, inspection, document, source, tolerance)
    print(
        f"{document['architecture']} -> {document['strategy']}: "
        f"{len(document['entries'])} entries, {reason}"
    )
    write_json(inputs["evidence"], {**document, "reason": reason, "tolerance": tolerance})


if __name__ == "__main__":
    main()
