# Copyright (c) 2026, NVIDIA CORPORATION.  All rights reserved.
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""VisionTransformer of timm as a TAO backbone, with the arithmetic of ViTForImageClassification."""

from functools import partial

from timm.models.vision_transformer import VisionTransformer
from torch import nn

from nvidia_tao_pytorch.core.tlt_logging import logger
from nvidia_tao_pytorch.cv.backbone_v2 import BACKBONE_REGISTRY
from nvidia_tao_pytorch.cv.backbone_v2.backbone_base import BackboneBase

ARGUMENTS = {"img_size": [32, 32], "patch_size": 8, "embed_dim": 64, "depth": 4, "num_heads": 4, "mlp_ratio": 4.0, "qkv_bias": True, "act_layer": "gelu", "pos_drop_rate": 0.1, "proj_drop_rate": 0.1, "attn_drop_rate": 0.0}
NORM_EPS = 1e-12


class VitDigits(VisionTransformer, BackboneBase):
    """The timm architecture with the freezing and checkpointing of TAO."""

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
            norm_layer=partial(nn.LayerNorm, eps=NORM_EPS),
            **ARGUMENTS,
        )
        BackboneBase.__init__(
            self,
            in_chans=in_chans,
            num_classes=num_classes,
            activation_checkpoint=activation_checkpoint,
            freeze_at=freeze_at,
            freeze_norm=freeze_norm,
            export=export,
        )

    def get_stage_dict(self):
        """Return the patch embedding and the blocks under their execution order."""
        return dict(enumerate([self.patch_embed, *self.blocks]))

    def forward_pre_logits(self, x):
        """Return what enters the classifier.

        Args:
            x (torch.Tensor): Images of shape (B, C, H, W).
        """
        return self.forward_head(self.forward_features(x), pre_logits=True)

    def forward_feature_pyramid(self, x, indices=None, **kwargs):
        """Return one feature map for each of the wanted blocks.

        Args:
            x (torch.Tensor): Images of shape (B, C, H, W).
            indices (list): Numbers of the blocks, None for all.
            **kwargs: Part of the interface.
        """
        return self.forward_intermediates(x, indices=indices, output_fmt="NCHW", intermediates_only=True)

    def forward(self, x):
        """Return the logits of shape (B, num_classes).

        Args:
            x (torch.Tensor): Images of shape (B, C, H, W).
        """
        return self.get_classifier()(self.forward_pre_logits(x))

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
