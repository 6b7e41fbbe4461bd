"""HuggingFace, TAO module and engine side by side on every image of a split.

Inputs: hf, native, engine (.npz of the three), hf_evidence, native_evidence, engine_evidence,
native_results, engine_results (what TAO's evaluate commands wrote), native_predictions,
engine_predictions (result.csv), metrics (of the task), classes_file, images (folder), statuses
({command: status.json}), accuracy, samples, training_curve (files to write).
"""

import numpy as np
from lib.evidence import digests, read_inputs, write_json
from lib.images import read_classes
from lib.numbers import cosine, relative_difference
from lib.tao_results import curve, how_it_ended, predictions, read_json

SAMPLES = 12


def softmax(logits):
    """Return probabilities."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def pair(values, reference):
    """Compare two sets of logits."""
    same = np.argmax(values, axis=1) == np.argmax(reference, axis=1)
    return {"relative_difference": relative_difference(values, reference), "cosine": cosine(values, reference),
            "agreement": float(same.mean()), "disagreeing": int((~same).sum())}


def told_apart(path, names, labels, logits, folder):
    """Compare a command's result.csv with the logits: count, and which label each image got."""
    rows = {name.removeprefix(folder).lstrip("/"): value for name, value in predictions(path).items()}
    expected = {name: labels[index] for name, index in zip(names, np.argmax(logits, axis=1))}
    return {"rows": len(rows), "images": len(names),
            "other_label": sorted(name for name, label in expected.items() if rows.get(name, ("", 0))[0] != label)}


def samples_of(inputs, data, labels):
    """Pick images spread over the split, those where the sides disagree or err first."""
    sides = {side: softmax(data[side]["logits"]) for side in ("hf", "native", "engine")}
    guesses = {side: values.argmax(axis=1) for side, values in sides.items()}
    truth, names = data["hf"]["labels"], data["hf"]["names"]
    odd = [index for index in range(len(truth))
           if len({int(guesses[side][index]) for side in sides} | {int(truth[index])}) > 1]
    spread = list(np.linspace(0, len(truth) - 1, SAMPLES).astype(int))
    chosen = list(dict.fromkeys([*odd[:SAMPLES // 3], *spread]))[:SAMPLES]
    keys = {"hf": "hf", "native": "tao", "engine": "engine"}
    return [{"image": f"{inputs['images']}/{names[index]}", "label": labels[truth[index]],
             **{keys[side]: {"label": labels[guesses[side][index]],
                             "score": float(sides[side][index].max())} for side in sides}} for index in chosen]


def accuracies(inputs, data):
    """Return one row for each metric: measured from logits, and as TAO's own commands tell it."""
    native, engine = read_json(inputs["native_results"]), read_json(inputs["engine_results"])
    own = {side: float((data[side]["logits"].argmax(axis=1) == data[side]["labels"]).mean()) for side in data}
    rows = []
    for metric in inputs["metrics"]:
        rows.append({"name": metric["label"], "hf": own["hf"], "tao": native.get(metric["native"]),
                     "engine": engine.get(metric["engine"])})
    rows.append({"name": "Top-1 accuracy, from the logits", "hf": own["hf"], "tao": own["native"],
                 "engine": own["engine"]})
    return rows


def spread(rows):
    """Return the largest distance between two sides; infinite when a side is silent."""
    numbers = [[row[side] for side in ("hf", "tao", "engine")] for row in rows]
    if not all(isinstance(value, (int, float)) for row in numbers for value in row):
        return float("inf")
    return max(max(row) - min(row) for row in numbers)


def main():
    """Write the comparison and what the report shows of it."""
    inputs = read_inputs()
    data = {side: dict(np.load(inputs[side])) for side in ("hf", "native", "engine")}
    same_images = all((data[side]["names"] == data["hf"]["names"]).all() for side in data)
    folder = inputs["images"]
    rows = accuracies(inputs, data)
    points = curve(inputs["statuses"]["train"])
    emulated = read_json(inputs["engine_evidence"]).get("emulated") is True
    write_json(inputs["accuracy"], {"metrics": rows, "images": len(data["hf"]["names"]), "emulated": emulated})
    labels = read_classes(inputs["classes_file"])
    write_json(inputs["samples"], samples_of(inputs, data, labels))
    write_json(inputs["training_curve"], {"x": "epoch", "points": points})
    document = {
        "schema": "taohf/comparison/v1",
        "images": len(data["hf"]["names"]),
        "same_images": bool(same_images),
        "finite": all(bool(np.isfinite(item["logits"]).all()) for item in data.values()),
        "hf_native": pair(data["native"]["logits"], data["hf"]["logits"]),
        "native_engine": pair(data["engine"]["logits"], data["native"]["logits"]),
        "native_inference": told_apart(inputs["native_predictions"], data["native"]["names"], labels,
                                       data["native"]["logits"], folder),
        "engine_inference": told_apart(inputs["engine_predictions"], data["engine"]["names"], labels,
                                       data["engine"]["logits"], folder),
        "accuracy": rows,
        "accuracy_spread": spread(rows),
        "training_points": len(points),
        "statuses": {name: how_it_ended(path) for name, path in inputs["statuses"].items()},
        "emulated": emulated,
        "sha256": digests([inputs[side] for side in ("hf", "native", "engine")]),
    }
    document["not_succeeded"] = [name for name, item in document["statuses"].items() if not item["succeeded"]]
    document["failure_lines"] = sum(item["failures"] for item in document["statuses"].values())
    for name in ("hf_native", "native_engine"):
        print(f"{name}: {document[name]}")
    print(f"accuracy: {rows}")
    write_json(inputs["evidence"], document)


if __name__ == "__main__":
    main()
