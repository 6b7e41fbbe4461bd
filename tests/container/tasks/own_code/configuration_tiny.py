"""Configuration of a classifier that no release of transformers knows."""

from transformers import PretrainedConfig


class TinyConfig(PretrainedConfig):
    """A few convolutions."""

    model_type = "tiny_of_its_own"

    def __init__(self, widths=(8, 16), **kwargs):
        self.widths = list(widths)
        super().__init__(**kwargs)
