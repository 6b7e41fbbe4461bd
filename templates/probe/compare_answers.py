"""HuggingFace, TAO module and engine side by side on the images of a split.

Inputs: hf, native, engine (.npz of the three), hf_evidence, engine_evidence, results ({side: what TAO's
evaluate command wrote}), predictions ({side: what its inference command wrote}), metrics and dataset (of
the task), root (of the dataset), statuses ({command: status.json}), accuracy, samples, training_curve
(files to write), pictures (folder for the report).
"""

import pathlib

import numpy as np
from lib import adapter, answers
from lib.compared import difference, least_cosine
from lib.evidence import digests, read_inputs, write_json
from lib.tao_results import curve, how_it_ended, read_json, read_metrics

SAMPLES = 12


def pair(values, reference):
    """Compare the answers of two sides."""
    same = adapter.agree(values, reference)
    return {"relative_difference": difference(values, reference), "cosine": least_cosine(values, reference),
            "agreement": float(same.mean()), "disagreeing": int((~same).sum())}


def metric_rows(inputs):
    """Return one row for each metric as the evaluate commands tell it, beside HuggingFace's where it has one."""
    told = {side: read_metrics(path) for side, path in inputs["results"].items()}
    hf = read_json(inputs["hf_evidence"]).get("metric")
    return [{"name": metric["label"], "hf": hf if metric.get("hf") else None,
             "tao": told["native"].get(metric["native"]), "engine": told["engine"].get(metric["engine"]),
             "has_hf": bool(metric.get("hf")), "scale": metric.get("scale", 1)} for metric in inputs["metrics"]]


def spread(rows):
    """Return the largest distance between two sides as a share; infinite when a side is silent."""
    distances = []
    for row in rows:
        sides = [row[side] for side in ("hf", "tao", "engine") if side != "hf" or row["has_hf"]]
        if not all(isinstance(value, (int, float)) for value in sides):
            return float("inf")
        distances.append((max(sides) - min(sides)) / row["scale"])
    return max(distances, default=float("inf"))


def chosen_images(names, data):
    """Return the numbers of images spread over the split, those where the sides disagree first."""
    differ = ~(adapter.agree(data["native"], data["hf"]) & adapter.agree(data["engine"], data["native"]))
    odd = list(np.flatnonzero(differ)[:SAMPLES // 3])
    spread_over = np.linspace(0, len(names) - 1, min(SAMPLES, len(names))).astype(int)
    return list(dict.fromkeys([*odd, *spread_over]))[:SAMPLES]


def main():
    """Write the comparison and what the report shows of it."""
    inputs = read_inputs()
    loaded = {side: answers.load(inputs[side]) for side in ("hf", "native", "engine")}
    names = loaded["hf"][0]
    data = {side: arrays for side, (_, arrays) in loaded.items()}
    rows = metric_rows(inputs)
    points = curve(inputs["statuses"]["train"])
    emulated = read_json(inputs["engine_evidence"]).get("emulated") is True
    paths = [pathlib.Path(inputs["root"]) / name for name in names]
    pathlib.Path(inputs["pictures"]).mkdir(parents=True, exist_ok=True)
    write_json(inputs["accuracy"], {"metrics": rows, "images": len(names), "emulated": emulated})
    write_json(inputs["samples"], adapter.samples(inputs, paths, data, chosen_images(names, data)))
    write_json(inputs["training_curve"], {"x": "epoch", "points": points})
    predicted = adapter.predictions(inputs, paths, data)
    document = {
        "schema": "taohf/comparison/v1",
        "images": len(names),
        "predictable_images": predicted["images"],
        "same_images": all(other == names for other, _ in loaded.values()),
        "finite": all(bool(np.isfinite(value).all()) for item in data.values() for value in item.values()),
        "hf_native": pair(data["native"], data["hf"]),
        "native_engine": pair(data["engine"], data["native"]),
        "native_inference": predicted["native"],
        "engine_inference": predicted["engine"],
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
