"""The weight map of a model: which tensors of HuggingFace make which tensors of the TAO backbone.

Inputs: model (snapshot folder), inspection (what the host read of it), strategy (auto, timm or
wrap), tolerance. A class of transformers that timm implements too has a twin there, and the map into it is
derived by running both models, not read off their names. Without an equal twin the class itself is
held by the TAO module, and so is a model that is timm's own.
"""

import json
import pathlib

from lib.evidence import read_inputs, write_json
from lib.sources import source_of
from lib.weight_map_align import Lockstep, NotDerived
from lib.weight_map_entries import copies
from lib.weight_map_models import NoTwin, answers, build_target, timm_block
from lib.weight_map_proof import Proof
from lib.weight_map_random import random_images

SEED = 1
HOLDERS = {"timm": "timm_model", "transformers": "hf_model"}  # what a TAO module calls the model that it holds


def frame(inspection, origin, model):
    """Return what the evidence says of a model under every strategy."""
    shape = {key: inspection["image"][key] for key in ("channels", "height", "width")}
    head, is_answer = origin.head(model, random_images(shape, 2, SEED))
    config, num_classes = origin.kept()
    return {
        "schema": "taohf/weight_map/v1",
        "library": inspection["library"],
        "architecture": inspection["architecture"],
        "code_module": inspection["code_module"],
        "head_module": head,
        "head_is_answer": is_answer,
        "holder": HOLDERS[inspection["library"]],
        "config": config,
        "num_classes": num_classes,
        "input": shape,
    }


def derived(document, origin, tolerance):
    """Return the entries that carry the weights into the target, found by running both models."""
    proof = Proof(document, origin, None, tolerance, SEED)
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


def with_backbone(document, strategy, backbone):
    """Return the document with its strategy, and with which backbone the port renders; templates ask flags."""
    flags = {f"is_{name}": name == backbone for name in ("wrap", "twin", "timm_model")}
    return {**document, "strategy": strategy, "backbone": backbone, **flags, "timm": None, "entries": []}


def with_twin(document, origin, tolerance):
    """Return the document with the map into the twin in timm and its proof on random weights."""
    block = timm_block(document["architecture"], origin.configuration())
    document = {**with_backbone(document, "timm", "twin"), "timm": block}
    document["entries"] = derived(document, origin, tolerance)
    return with_ledger(document, origin, tolerance)


def with_copies(document, origin, model, tolerance):
    """Return the document with the map into a module that holds the source model itself."""
    of_timm = document["library"] == "timm"
    document = with_backbone(document, *(("timm", "timm_model") if of_timm else ("wrap", "wrap")))
    state = model.state_dict()
    document["entries"] = copies(state, f"{document['holder']}.", state)
    return with_ledger(document, origin, tolerance)


def with_ledger(document, origin, tolerance):
    """Return the document with what its entries leave out, and a first proof.

    The proof in full, on other models, is a step of its own.
    """
    proof = Proof(document, origin, None, tolerance, SEED)
    book = proof.structure()
    proof.random_weights(1)
    target = build_target(origin, document)
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


def by_strategy(asked, inspection, document, origin, model, tolerance):
    """Return the document of the strategy that was asked for, or of the first that works."""
    proposed, why = (inspection["strategy"][key] for key in ("choice", "why"))
    if inspection["library"] == "timm":
        return with_copies(document, origin, model, tolerance), why
    if asked == "wrap":
        return with_copies(document, origin, model, tolerance), "wrap was asked for"
    if asked == "auto" and proposed != "timm":
        reason = (
            why if proposed == "wrap" else f"{proposed} is proposed and not supported here: {why}"
        )
        return with_copies(document, origin, model, tolerance), reason
    try:
        mapped = with_twin(document, origin, tolerance)
        failure = mapped["not_proved"]
    except (NoTwin, NotDerived) as error:
        mapped, failure = None, str(error)
    if not failure:
        return (
            mapped,
            f"timm's {mapped['timm']['class']} answers as {document['architecture']} does",
        )
    if asked == "auto":
        return with_copies(document, origin, model, tolerance), f"timm was tried first: {failure}"
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
    origin = source_of(inputs["model"], inspection)
    model, _ = origin.load()
    document = frame(inspection, origin, model)
    document, reason = by_strategy(asked, inspection, document, origin, model, tolerance)
    print(
        f"{document['architecture']} -> {document['strategy']}: "
        f"{len(document['entries'])} entries, {reason}"
    )
    write_json(inputs["evidence"], {**document, "reason": reason, "tolerance": tolerance})


if __name__ == "__main__":
    main()
