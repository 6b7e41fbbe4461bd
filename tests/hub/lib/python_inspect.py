"""What a Python program does to learn the same. Usage: python_inspect.py MODEL...

Prints the seconds that the loop over the models took, imports left out.
"""

import sys
import time

from huggingface_hub import HfApi
from transformers import AutoConfig


def main():
    api, started = HfApi(), time.monotonic()
    for model in sys.argv[1:]:
        info = api.model_info(model, files_metadata=True)
        config = AutoConfig.from_pretrained(model, revision=info.sha)
        tensors = api.get_safetensors_metadata(model, revision=info.sha)
        assert config.architectures and tensors.parameter_count
    print(time.monotonic() - started)


main()
