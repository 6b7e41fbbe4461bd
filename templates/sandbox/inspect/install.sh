#!/bin/sh
# The inspection image: CPU PyTorch (the distribution's own build), transformers, timm and ONNX Runtime,
# without any NVIDIA package. It is also the lower half of the pytorch image.
set -eu

# The distribution's torch links the reference BLAS; OpenBLAS makes matrix products many times faster.
apt-get update -qq
apt-get -o DPkg::Options::=--force-unsafe-io install -y -qq --no-install-recommends \
  python3 python3-pip python3-torch python3-torchvision libopenblas0-pthread
rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb /usr/lib/python3*/EXTERNALLY-MANAGED
ln -sf /usr/bin/python3 /usr/local/bin/python
pip install -q --no-cache-dir -r /opt/taohf/inspect/requirements.txt
