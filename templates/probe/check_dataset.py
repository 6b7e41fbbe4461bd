"""Whether the dataset has the layout that the task's loader reads, and the classes the model knows.

Inputs: root (folder), dataset (of the task), labels (names by id).
"""

import pathlib

from lib import adapter
from lib.evidence import read_inputs, write_json

MOST = 1000  # problems that are written down


def main():
    """Write what lies in the dataset folder."""
    inputs = read_inputs()
    facts = facts_of(inputs)
    for purpose, split in facts["splits"].items():
        print(f"{purpose}: {split['images']} images in {split['folder']}")
    for problem in facts["problems"][:20]:
        print(f"problem: {problem}")
    if facts["problems"]:
        print(f"expected: {inputs['dataset']['format']}")
    write_json(inputs["evidence"], facts)


def facts_of(inputs):
    """Return the evidence: what the adapter says of the dataset, and what is judged of it."""
    try:
        facts = adapter.read_dataset(inputs)
    except UnicodeDecodeError as error:
        facts = {"classes_match_labels": False, "splits": {}, "problems": [f"a list is no text in UTF-8: {error}"]}
    splits = facts["splits"].values()
    problems = facts["problems"] + [fault for split in splits for fault in empty_faults(inputs, split)]
    more = [f"and {len(problems) - MOST} more"] if len(problems) > MOST else []
    return {
        "schema": "taohf/dataset/v1",
        **facts,
        "problems": problems[:MOST] + more,
        "images": sum(split["images"] for split in splits),
        "fewest": min((split["images"] for split in splits), default=0),
        "unreadable": [name for split in splits for name in split["unreadable"]],
    }


def empty_faults(inputs, split):
    """Return that a split has no images, and the endings of what lies there instead."""
    if split["images"]:
        return []
    folder = pathlib.Path(inputs["root"]) / split["folder"]
    endings = sorted({path.suffix for path in folder.rglob("*") if path.is_file()})
    there = f"; its files end in {', '.join(endings[:10])}" if endings else ""
    return [f"{split['folder']} has no images, which end in .{', .'.join(inputs['dataset']['suffixes'])}{there}"]


if __name__ == "__main__":
    main()
