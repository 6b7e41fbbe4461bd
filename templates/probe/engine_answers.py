"""Answers of the engine on a split.

Inputs: name, class_name, engine, root (of the dataset), dataset (of the task), image (ledger of the image
processor), tensors (of the task), batch_size, answers (.npz).
"""

import pathlib

from lib import adapter, answers
from lib.evidence import digests, read_inputs, write_json

EMULATED = b"TAOHF-EMULATED"


def main():
    """Write the answers."""
    inputs = read_inputs()
    infer = adapter.engine(inputs)
    paths = adapter.compared_images(inputs)

    def answer(batch):
        return infer(adapter.feed(adapter.tao_batch(inputs, batch, "deploy"), inputs))

    arrays = answers.collect(paths, inputs["batch_size"], answer)
    answers.save(inputs["answers"], arrays, paths, inputs["root"])
    metric = adapter.metric(inputs, paths, arrays)
    head = pathlib.Path(inputs["engine"]).read_bytes()[:64]
    print(f"engine: {len(paths)} images, metric {metric}")
    write_json(inputs["evidence"], {
        "schema": "taohf/engine_answers/v1", "images": len(paths), "metric": metric,
        "emulated": head.startswith(EMULATED), "sha256": digests([inputs["answers"], inputs["engine"]])})


if __name__ == "__main__":
    main()
