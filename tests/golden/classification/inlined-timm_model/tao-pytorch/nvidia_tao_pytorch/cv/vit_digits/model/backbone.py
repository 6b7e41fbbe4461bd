# SPDX-FileCopyrightText: Copyright (c) 2026 NVIDIA CORPORATION & AFFILIATES. All rights reserved.
# SPDX-License-Identifier: Apache-2.0

"""ViTForImageClassification of timm as a TAO backbone."""

import timm
from torch import nn

from nvidia_tao_pytorch.core.tlt_logging import logger
from nvidia_tao_pytorch.cv.backbone_v2 import BACKBONE_REGISTRY
from nvidia_tao_pytorch.cv.backbone_v2.backbone_base import BackboneBase

ARCHITECTURE = "ViTForImageClassification".split(".", maxsplit=1)[0]
ARGUMENTS = {"attention_probs_dropout_prob": 0.0, "encoder_stride": 16, "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "hidden_size": 64, "image_size": 32, "initializer_range": 0.02, "intermediate_size": 256, "layer_norm_eps": 1e-12, "num_attention_heads": 4, "num_channels": 3, "num_hidden_layers": 4, "patch_size": 8, "pooler_act": "tanh", "pooler_output_size": 64, "qkv_bias": True}


def build_timm_model(in_chans, num_classes):
    """Return the model with random weights.

    Args:
        in_chans (int): Number of channels of an image.
        num_classes (int): Number of classes that the model tells apart.
    """
    return timm.create_model(
        ARCHITECTURE, pretrained=False, num_classes=num_classes, **{**ARGUMENTS, "in_chans": in_chans})


class VitDigits(BackboneBase):
    """Holds timm's model as `timm_model`, built by timm's own function for this architecture."""

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
        self.timm_model = build_timm_model(in_chans, num_classes)

    def _freeze_bn_norm(self, m):
        """Freeze the batch norms where they are.

        TAO puts another class in their place, which has neither their epsilon nor the activation that many of
        timm's hold.

        Args:
            m (nn.Module): The module whose parts are frozen.
        """
        for part in m.modules():
            if isinstance(part, nn.BatchNorm2d):
                self._freeze_module(part)
        return m

    def train(self, mode=True):
        """Choose between training and evaluation; frozen batch norms keep to the latter.

        Args:
            mode (bool): Whether to train.
        """
        super().train(mode)
        return self._freeze_bn_norm(self) if self.freeze_norm else self

    def set_grad_checkpointing(self, enable=True):
        """Trade compute for memory where the timm model supports it.

        Args:
            enable (bool): Whether activations are recomputed in the backward pass.
        """
        super().set_grad_checkpointing(enable)
        if enable:
            self.timm_model.set_grad_checkpointing(True)

    def get_stage_dict(self):
        """Return the parts of the model under their order, a sequence part by part; the classifier is none."""
        classifier = {id(part) for part in self.get_classifier().modules()}
        parts = [part for child in self.timm_model.children()
                 for part in (child if isinstance(child, nn.Sequential) else [child])]
        return dict(enumerate(part for part in parts if id(part) not in classifier))

    def get_classifier(self):
        """Return the layer that gives the logits."""
        return self.timm_model.get_classifier()

    def reset_classifier(self, num_classes=0, **kwargs):
        """Replace the classifier by a new one, or by nothing.

        Args:
            num_classes (int): Number of classes; 0 leaves the pooled features.
            **kwargs: Further arguments of timm.
        """
        self.timm_model.reset_classifier(num_classes, **kwargs)
        self.num_classes = num_classes

    def forward_pre_logits(self, x):
        """Return what enters the classifier.

        Args:
            x (torch.Tensor): Images of shape (B, C, H, W).
        """
        return self.timm_model.forward_head(self.timm_model.forward_features(x), pre_logits=True)

    def forward_feature_pyramid(self, x, indices=None, **kwargs):
        """Return the feature maps of the wanted stages, where the architecture offers them.

        Args:
            x (torch.Tensor): Images of shape (B, C, H, W).
            indices (list): Numbers of the stages, None for all.
            **kwargs: Part of the interface.
        """
        return self.timm_model.forward_intermediates(x, indices=indices, output_fmt="NCHW", intermediates_only=True)

    def forward(self, x):
        """Return the logits of shape (B, num_classes).

        Args:
            x (torch.Tensor): Images of shape (B, C, H, W).
        """
        return self.timm_model(x)

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
