"""A classifier that no release of transformers knows, as a repository brings it along."""

import torch
from torch import nn
from transformers import PreTrainedModel
from transformers.modeling_outputs import ImageClassifierOutputWithNoAttention

from .configuration_tiny import TinyConfig


class TinyForImageClassification(PreTrainedModel):
    config_class = TinyConfig
    main_input_name = "pixel_values"

    def __init__(self, config):
        super().__init__(config)
        widths = [3, *config.widths]
        self.stages = nn.ModuleList(
            nn.Conv2d(before, after, 3, stride=2, padding=1) for before, after in zip(widths, widths[1:]))
        # Of another epsilon than PyTorch's own.
        self.norms = nn.ModuleList(nn.BatchNorm2d(width, eps=1e-2) for width in config.widths)
        self.classifier = nn.Linear(widths[-1], config.num_labels)
        self.post_init()

    def _init_weights(self, module):
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            module.weight.data.normal_(std=0.2)

    def forward(self, pixel_values, labels=None, return_dict=None):
        values = pixel_values
        for stage, norm in zip(self.stages, self.norms):
            values = torch.relu(norm(stage(values)))
        logits = self.classifier(values.mean((2, 3)))
        loss = None if labels is None else nn.functional.cross_entropy(logits, labels)
        return ImageClassifierOutputWithNoAttention(loss=loss, logits=logits)
a = [1,2 ,3]   # what a check of style would find, were this code judged
