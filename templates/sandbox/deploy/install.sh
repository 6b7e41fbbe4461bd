#!/bin/sh
# install.sh TAO_VERSION
# Everything tao-deploy imports except PyTorch (deploy code must be NumPy only) and except TensorRT and
# CUDA, which the modules in /opt/taohf/emulation emulate over ONNX Runtime.
set -eu

apt-get update -qq
apt-get -o DPkg::Options::=--force-unsafe-io install -y -qq --no-install-recommends python3 python3-pip make
rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb /usr/lib/python3*/EXTERNALLY-MANAGED
ln -sf /usr/bin/python3 /usr/local/bin/python
pip install -q --no-cache-dir -r /opt/taohf/deploy/requirements.txt
python3 /opt/taohf/released/install.py "$1" nvidia-tao-core nvidia-tao-deploy
cp -r /opt/taohf/deploy/emulation /opt/taohf/emulation
