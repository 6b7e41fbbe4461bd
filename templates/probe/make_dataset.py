"""A generated dataset for a port without one: it proves that everything runs and agrees.

Inputs: root (folder), dataset (of the task), labels, image (ledger of the image processor), seed.
What it shows is drawn, and its truth is exact; whether the model knows it is another question.
"""

from lib import adapter
from lib.evidence import read_inputs, write_json


def main():
    """Write the images and their truth."""
    inputs = read_inputs()
    facts = adapter.draw_dataset(inputs)
    print(f"generated: {facts}")
    write_json(inputs["evidence"], {"schema": "taohf/smoke_dataset/v1", "generated": True, **facts})


if __name__ == "__main__":
    main()
