"""The source model's own answers on a split, float32.

Inputs: model (snapshot), library, architecture, code_module, root (of the dataset), dataset (of the task),
image (ledger of the image processor), batch_size, answers (.npz).
"""

import torch
from lib import adapter, answers
from lib.evidence import digests, read_inputs, write_json
from lib.sources import load_model


def main():
    """Write the answers, and the metric where the task has one that needs no TAO."""
    inputs = read_inputs()
    model = load_model(inputs["model"], inputs)
    paths = adapter.compared_images(inputs)

    def answer(batch):
        with torch.no_grad():
            return adapter.hf_answers(model, adapter.hf_batch(inputs, batch), inputs)

    arrays = answers.collect(paths, inputs["batch_size"], answer)
    answers.save(inputs["answers"], arrays, paths, inputs["root"])
    metric = adapter.metric(inputs, paths, arrays)
    print(f"HuggingFace: {len(paths)} images, metric {metric}")
    write_json(inputs["evidence"], {
        "schema": "taohf/hf_answers/v1", "images": len(paths), "metric": metric,
        "sha256": digests([inputs["answers"]])})


if __name__ == "__main__":
    main()
