"""What transformers' loss of Grounding DINO gets wrong, and that the rendered trainer puts it right."""

import pathlib
import sys
import tempfile
import unittest

import torch
import transformers

sys.path[:0] = ["/tests/tasks"]
import make_model  # noqa: E402
from template_module import module_of  # noqa: E402

LOSS = module_of(pathlib.Path("/templates/zero_shot/pytorch/loss.py.tmpl"))
# Of the boxes the last layer: it begins at null, so that those before it get no gradient in the first step.
HEADS = ("enc_output.weight", "encoder_output_bbox_embed.layers.2.weight")


class Proposals(unittest.TestCase):
    """The heads that choose the encoder's proposals learn."""

    def setUp(self):
        recipe = make_model.recipe_of("grounding_dino")
        with tempfile.TemporaryDirectory() as folder:
            make_model.write_tokenizer(recipe, pathlib.Path(folder))
            tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        self.caption = tokenizer(["red rectangle . green ellipse ."], return_tensors="pt")
        self.model = make_model.build(recipe).train()

    def learning(self):
        """Return which of the heads get a gradient."""
        labels = [{"class_labels": torch.tensor([1]), "boxes": torch.tensor([[0.5, 0.5, 0.3, 0.4]])}]
        self.model(pixel_values=torch.randn(1, 3, 128, 128), labels=labels, **self.caption).loss.backward()
        gradients = [self.model.model.get_parameter(name).grad for name in HEADS]
        return [gradient is not None and bool(gradient.abs().sum() > 0) for gradient in gradients]

    def test_they_learn_with_the_correction(self):
        with LOSS.proposals_learnt(self.model):
            self.assertEqual(self.learning(), [True, True])

    def test_transformers_alone_teaches_them_nothing(self):
        self.assertEqual(self.learning(), [False, False], "the correction is not needed any more")

    def test_the_correction_leaves_nothing_behind(self):
        loss = self.model.loss_function
        with LOSS.proposals_learnt(self.model):
            self.assertIsNot(self.model.loss_function, loss)
        self.assertIs(self.model.loss_function, loss)


class Tokens(unittest.TestCase):
    """Every image is judged by its own caption."""

    def test_the_third_image_has_its_own_tokens(self):
        maps = [torch.eye(4)[[number]] for number in range(3)]  # one name each, at another token
        outputs = {"logits": torch.zeros(3, 2, 4), "label_maps": maps}
        targets = [{"class_labels": torch.tensor([0])}] * 3
        indices = [(torch.tensor([1]), torch.tensor([0]))] * 3
        found = LOSS.target_tokens(None, outputs, targets, indices)
        self.assertEqual(found[:, 1].argmax(-1).tolist(), [0, 1, 2])
        self.assertEqual(int(found.sum()), 3)


if __name__ == "__main__":
    unittest.main()
