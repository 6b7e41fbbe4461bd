"""Builder: checks a network and a configuration and packs an emulated engine."""

import numpy as np
import onnx

from .calibration import calibrate
from .config import IBuilderConfig, IOptimizationProfile
from .engine_file import NOTICE, pack
from .enumerations import BuilderFlag
from .host_memory import IHostMemory
from .logger import Logger
from .network import INetworkDefinition
from .onnx_session import session, trial_input
from .precision import pinned_weights, round_weights
from .version import API_VERSION

QUANTIZING_OPERATORS = {"QuantizeLinear", "DequantizeLinear"}
REFUSED_FLAGS = (
    BuilderFlag.FP8,
    BuilderFlag.INT4,
    BuilderFlag.STRIP_PLAN,
    BuilderFlag.WEIGHT_STREAMING,
    BuilderFlag.SAFETY_SCOPE,
)


def fits(declared, actual):
    """Whether a concrete shape agrees with a declared one."""
    if len(declared) != len(actual):
        return False
    return all(wanted in (-1, value) for wanted, value in zip(declared, actual))


def resolve_profile(network, config):
    """Shape range of every input; ValueError where it contradicts the graph."""
    given = config.profiles[0].shapes if config.profiles else {}
    shapes = {}
    for tensor in network.inputs:
        name, shape, wanted = tensor.name, tensor.shape, given.get(tensor.name)
        if -1 not in shape:
            if wanted and wanted != [shape] * 3:
                raise ValueError(f"static input {name} {shape} has a different profile {wanted}")
            shapes[name] = [shape] * 3
            continue
        if not wanted:
            raise ValueError(f"dynamic input {name} {shape} has no optimization profile")
        if not all(fits(shape, bound) for bound in wanted):
            raise ValueError(f"profile {wanted} does not fit input {name} {shape}")
        shapes[name] = wanted
    return shapes


class Builder:
    """Makes emulated engines; says so when created and after every build."""

    platform_has_fast_fp16 = platform_has_fast_int8 = platform_has_tf32 = True
    max_batch_size = 1

    def __init__(self, logger):
        self.logger = logger
        logger.log(Logger.WARNING, NOTICE)

    def create_network(self, flags=0):
        """Empty network."""
        return INetworkDefinition(flags)

    def create_builder_config(self):
        """Default configuration."""
        return IBuilderConfig()

    def create_optimization_profile(self):
        """Empty profile."""
        return IOptimizationProfile()

    def build_serialized_network(self, network, config):
        """None plus an error line when a real build would fail or cannot be emulated honestly."""
        try:
            return self._build(network, config)
        except Exception as error:  # noqa: BLE001 - the real builder reports and returns None
            message = f"EMULATED build failed: {type(error).__name__}: {error}"
            self.logger.log(Logger.ERROR, message)
            return None

    def _build(self, network, config):
        if network.model is None:
            raise ValueError("network is empty")
        for flag in REFUSED_FLAGS:
            if flag in config.flags:
                raise NotImplementedError(f"{flag} cannot be emulated")
        model = onnx.ModelProto()
        model.CopyFrom(network.model)
        profile = resolve_profile(network, config)
        notes = self._reduce_precision(model, network, config, profile)
        data = model.SerializeToString()
        self._try_out(session(data), network, profile)
        header = self._header(network, config, profile, notes)
        self.logger.log(Logger.WARNING, f"{NOTICE} flags={header['flags']} notes={notes}")
        return IHostMemory(pack(header, data))

    @staticmethod
    def _reduce_precision(model, network, config, profile):
        """Apply INT8, FP16 and BF16 as far as they can be emulated; the notes say how far."""
        notes = []
        quantized = any(node.op_type in QUANTIZING_OPERATORS for node in model.graph.node)
        if BuilderFlag.INT8 in config.flags and not quantized:
            notes.append(calibrate(model, network, config, profile))
        for flag in (BuilderFlag.FP16, BuilderFlag.BF16):
            if flag in config.flags:
                notes.append(round_weights(model, flag, pinned_weights(network.layers)))
        return notes

    def _try_out(self, runtime, network, profile):
        """Run the smallest and the largest shape: declared output shapes must be true."""
        for bound, index in (("min", 0), ("max", 2)):
            feed = {
                tensor.name: trial_input(tensor.dtype, profile[tensor.name][index], 1)
                for tensor in network.inputs
            }
            values = runtime.run([tensor.name for tensor in network.outputs], feed)
            for tensor, value in zip(network.outputs, values):
                name, declared = tensor.name, tensor.shape
                if not fits(declared, value.shape):
                    message = f"output {name} declared {declared} but is {value.shape}"
                    raise ValueError(f"{message} for the {bound} profile")
                if np.issubdtype(value.dtype, np.floating) and not np.isfinite(value).all():
                    message = f"output {name} has non-finite values on the trial input"
                    self.logger.log(Logger.WARNING, message)

    @staticmethod
    def _header(network, config, profile, notes):
        def describe(tensors):
            return [[tensor.name, list(tensor.shape), tensor.dtype.name] for tensor in tensors]

        return {
            "emulated": True,
            "notice": NOTICE,
            "api_version": API_VERSION,
            "flags": sorted(flag.name for flag in config.flags),
            "notes": notes,
            "profile": profile,
            "layer_precision_set": sum(layer.precision_is_set for layer in network.layers),
            "inputs": describe(network.inputs),
            "outputs": describe(network.outputs),
        }
