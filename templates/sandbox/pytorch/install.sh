#!/bin/sh
# install.sh TAO_VERSION
# On top of the inspection image: what tao-pytorch imports and, as in the real TAO image, the released
# NVIDIA packages in site-packages (a port has to remove those first).
set -eu

# No build isolation: the few source-only packages build with the pinned setuptools of the image.
pip install -q --no-cache-dir --no-build-isolation -r /opt/taohf/pytorch/requirements.txt
python3 /opt/taohf/released/install.py "$1" nvidia-tao-core nvidia-tao-pytorch
cp -r /opt/taohf/pytorch/shim /opt/taohf/shim
