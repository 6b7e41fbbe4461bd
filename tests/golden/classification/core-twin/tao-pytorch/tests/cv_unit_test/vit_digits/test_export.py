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

"""Test of the ONNX export of vit_digits, with random weights."""

import onnx
import onnxruntime
import pytest
import pytorch_lightning as pl
import torch

from nvidia_tao_pytorch.cv.vit_digits.model.vit_digits_pl_model import VitDigitsPlModel
from nvidia_tao_pytorch.cv.vit_digits.scripts import export


@pytest.fixture(name="exported")
def fixture_exported(spec, tmp_path):
    """Export a checkpoint with the script; return the module and the path of the graph."""
    module = VitDigitsPlModel(spec)
    spec.export.checkpoint = str(tmp_path / "model.pth")
    spec.export.onnx_file = str(tmp_path / "model.onnx")
    spec.export.on_cpu = True
    torch.save({"tao_model": "classification", "pytorch-lightning_version": pl.__version__, "epoch": 0,
                "global_step": 0, "state_dict": module.state_dict()}, spec.export.checkpoint)
    export.main(spec)
    return module.model.eval(), spec.export.onnx_file


@pytest.mark.cv_unit
@pytest.mark.vit_digits
@pytest.mark.export
def test_graph_equals_the_module(exported, images):
    """The graph is valid, has the names of the task and a free batch size, and gives the module's logits."""
    model, path = exported
    graph = onnx.load(path).graph
    onnx.checker.check_model(path)
    assert [tensor.name for tensor in graph.input] == ["input"]
    assert [tensor.name for tensor in graph.output] == ["output"]
    axes = graph.input[0].type.tensor_type.shape.dim
    assert axes[0].dim_param
    assert [axis.dim_value for axis in axes[1:]] == list(images.shape[1:])

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    for count in (1, 2):
        with torch.no_grad():
            expected = model(images[:count])
        [found] = session.run(["output"], {"input": images[:count].numpy()})
        torch.testing.assert_close(
            torch.from_numpy(found), expected, rtol=1e-3, atol=1e-4 * expected.abs().max().item())
