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

"""Build a TensorRT engine of vit_digits."""

import logging
import os

from nvidia_tao_core.config.vit_digits.default_config import ExperimentConfig
from nvidia_tao_deploy.cv.common.decorators import monitor_status
from nvidia_tao_deploy.cv.common.hydra.hydra_runner import hydra_runner
from nvidia_tao_deploy.cv.common.initialize_experiments import initialize_gen_trt_engine_experiment
from nvidia_tao_deploy.cv.common.utils import is_qdq_quantized_onnx
from nvidia_tao_deploy.cv.vit_digits.engine_builder import VitDigitsEngineBuilder
from nvidia_tao_deploy.utils.decoding import decode_model

logging.basicConfig(format='%(asctime)s [TAO Toolkit] [%(levelname)s] %(name)s %(lineno)d: %(message)s',
                    level="INFO")
logger = logging.getLogger(__name__)
spec_root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@hydra_runner(
    config_path=os.path.join(spec_root, "specs"), config_name="gen_trt_engine", schema=ExperimentConfig
)
@monitor_status(name="vit_digits", mode="gen_trt_engine")
def main(cfg: ExperimentConfig) -> None:
    """Parse the ONNX file and write the engine."""
    onnx_file, file_format = decode_model(cfg.gen_trt_engine.onnx_file)
    builder_kwargs, engine_kwargs = initialize_gen_trt_engine_experiment(cfg)
    builder = VitDigitsEngineBuilder(
        list(cfg.dataset.augmentation.mean),
        list(cfg.dataset.augmentation.std),
        # The spec counts MiB, the builder GiB.
        workspace=max(1, cfg.gen_trt_engine.tensorrt.workspace_size // 1024),
        is_qat=False,
        strongly_typed=file_format == "onnx" and is_qdq_quantized_onnx(onnx_file),
        **builder_kwargs)
    builder.create_network(onnx_file, file_format)
    builder.create_engine(**engine_kwargs)
    logger.info("Engine stored at %s", cfg.gen_trt_engine.trt_engine)


if __name__ == '__main__':
    main()
