# SPDX-FileCopyrightText: Copyright (c) 2026 NVIDIA CORPORATION & AFFILIATES. All rights reserved.
# SPDX-License-Identifier: Apache-2.0

"""ViTForImageClassification of transformers as a TAO backbone."""

from torch import nn
from transformers import ViTForImageClassification

from nvidia_tao_pytorch.core.tlt_logging import logger
from nvidia_tao_pytorch.cv.backbone_v2 import BACKBONE_REGISTRY
from nvidia_tao_pytorch.cv.backbone_v2.backbone_base import BackboneBase

CONFIG = {"attention_probs_dropout_prob": 0.0, "encoder_stride": 16, "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "hidden_size": 64, "image_size": 32, "initializer_range": 0.02, "intermediate_size": 256, "layer_norm_eps": 1e-12, "num_attention_heads": 4, "num_channels": 3, "num_hidden_layers": 4, "patch_size": 8, "pooler_act": "tanh", "pooler_output_size": 64, "qkv_bias": True}
HEAD = "classifier"


class VitDigits(BackboneBase):
    """Holds the transformers model as `hf_model`: composition, since it cannot share BackboneBase's metaclass."""

    def __init__(
        self,
        in_chans=3,
        num_classes=10,
        activation_checkpoint=False,
        freeze_at=None,
        freeze_norm=False,
        export=False,
    ):
        """Build the model with random weights; see BackboneBase for the arguments."""
        super().__init__(
            in_chans=in_chans,
            num_classes=num_classes,
            activation_checkpoint=activation_checkpoint,
            freeze_at=freeze_at,
            freeze_norm=freeze_norm,
            export=export,
        )
        # Eager attention exports to plain matrix products and softmax.
        config_class = ViTForImageClassification.config_class
        config = config_class(  # pylint: disable=not-callable
            **CONFIG, num_labels=num_classes, attn_implementation="eager")
        self.hf_model = ViTForImageClassification(config)

    def set_grad_checkpointing(self, enable=True):
        """Trade compute for memory where the transformers model supports it.

        Args:
            enable (bool): Whether activations are recomputed in the backward pass.
        """
        super().set_grad_checkpointing(enable)
        if enable:
            self.hf_model.gradient_checkpointing_enable()

    def get_stage_dict(self):
        """Return the parts of the trunk under their execution order."""
        return dict(enumerate(self.hf_model.base_model.children()))

    def get_classifier(self):
        """Return the last linear layer."""
        return self.hf_model.get_submodule(HEAD)

    def reset_classifier(self, num_classes=0, **kwargs):
        """Replace the last linear layer by a new one, or by nothing.

        Args:
            num_classes (int): Number of classes; 0 leaves the pooled features.
            **kwargs: Part of the interface.
        """
        parent, _, name = HEAD.rpartition(".")
        head = nn.Linear(self.get_classifier().in_features, num_classes) if num_classes else nn.Identity()
        setattr(self.hf_model.get_submodule(parent), name, head)
        self.num_classes = num_classes

    def forward_pre_logits(self, x):
        """Return what enters the last linear layer.

        Args:
            x (torch.Tensor): Images of shape (B, C, H, W).
        """
        seen = []
        hook = self.get_classifier().register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
        try:
            self.forward(x)
        finally:
            hook.remove()
        return seen[0]

    def forward_feature_pyramid(self, x, indices=None, **kwargs):
        """A classifier offers no feature maps."""
        raise NotImplementedError("vit_digits is a classification model")

    def forward(self, x):
        """Return the logits of shape (B, num_classes).

        Args:
            x (torch.Tensor): Images of shape (B, C, H, W).
        """
        return self.hf_model(pixel_values=x, return_dict=True).logits

    def load_state_dict(self, state_dict, strict=True, assign=False):
        """Load weights; a classifier for another number of classes stays as initialised.

        Args:
            state_dict (dict): The tensors.
            strict (bool): Whether the names must agree.
            assign (bool): Whether to take the tensors over instead of copying them.
        """
        own = self.state_dict()
        other = [key for key, value in state_dict.items() if key in own and own[key].shape != value.shape and
                 own[key].shape == (self.num_classes, *value.shape[1:])]
        if other:
            logger.warning(f"Not loaded, because the number of classes differs: {other}")
            state_dict = {key: value for key, value in state_dict.items() if key not in other}
            strict = False
        return super().load_state_dict(state_dict, strict=strict, assign=assign)


@BACKBONE_REGISTRY.register()
def vit_digits(**kwargs):
    """Build the backbone of examples/digits.

    Args:
        **kwargs: Arguments of VitDigits.
    """
    return VitDigits(**kwargs)
