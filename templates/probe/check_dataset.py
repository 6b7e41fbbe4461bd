"""Whether the dataset has the layout that the task's loader reads, and the classes the model knows.

Inputs: root (folder), dataset (of the task), labels (names by id).
"""

from lib import adapter
from lib.evidence import read_inputs, write_json


def main():
    """Write what lies in the dataset folder."""
    inputs = read_inputs()
    facts = adapter.read_dataset(inputs)
    for purpose, split in facts["splits"].items():
        print(f"{purpose}: {split['images']} images in {split['folder']}")
    for problem in facts["problems"][:20]:
        print(f"problem: {problem}")
    write_json(inputs["evidence"], {
        "schema": "taohf/dataset/v1",
        **facts,
        "images": sum(split["images"] for split in facts["splits"].values()),
        "fewest": min(split["images"] for split in facts["splits"].values()),
        "unreadable": [name for split in facts["splits"].values() for name in split["unreadable"]],
    })


if __name__ == "__main__":
    main()
