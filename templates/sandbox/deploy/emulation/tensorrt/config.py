"""Builder configuration, optimization profiles and the timing cache."""

from .enumerations import BuilderFlag, ProfilingVerbosity
from .host_memory import IHostMemory


class ITimingCache:
    """Written and read by callers, without content: nothing is timed."""

    def __init__(self, blob=b""):
        self.blob = blob or b"EMULATED timing cache (empty)\n"

    def serialize(self):
        """The bytes a caller stores."""
        return IHostMemory(self.blob)

    def combine(self, other, ignore_mismatch=False):
        """Accept another cache."""
        return True


def shape_range(low, best, high):
    """The three shapes of a profile, which must be ordered."""
    low, best, high = (tuple(int(v) for v in shape) for shape in (low, best, high))
    ordered = all(a <= b <= c for a, b, c in zip(low, best, high))
    if not (len(low) == len(best) == len(high) and ordered):
        message = f"EMULATED TRT: profile must satisfy min <= opt <= max, got {low} {best} {high}"
        raise ValueError(message)
    return [low, best, high]


class IOptimizationProfile:
    """Shape ranges of the dynamic inputs."""

    def __init__(self):
        self.shapes, self.shape_inputs = {}, {}

    def set_shape(self, input, min, opt, max):  # noqa: A002 - keyword names of the real API
        """Range of an input tensor."""
        self.shapes[input] = shape_range(min, opt, max)

    def set_shape_input(self, input, min, opt, max):  # noqa: A002
        """Range of the values of a shape tensor."""
        self.shape_inputs[input] = shape_range(min, opt, max)

    def get_shape(self, input):  # noqa: A002
        """Range of an input tensor, empty if none was set."""
        return self.shapes.get(input, [])

    def get_shape_input(self, input):  # noqa: A002
        """Range of a shape tensor, empty if none was set."""
        return self.shape_inputs.get(input, [])


class IBuilderConfig:
    """Records what the caller asked for; the builder checks it."""

    def __init__(self):
        self.flags = {BuilderFlag.TF32}
        self.pools, self.profiles = {}, []
        self.calibration_profile = self.timing_cache = None
        self.int8_calibrator = None
        self.profiling_verbosity = ProfilingVerbosity.LAYER_NAMES_ONLY

    def set_memory_pool_limit(self, pool, size):
        """Recorded only: memory use is not modelled."""
        if size < 0:
            raise ValueError("negative memory pool limit")
        self.pools[pool] = int(size)

    def get_memory_pool_limit(self, pool):
        """Limit that was set."""
        return self.pools.get(pool, 0)

    def set_flag(self, flag):
        """Switch a builder flag on."""
        self.flags.add(BuilderFlag(flag))

    def clear_flag(self, flag):
        """Switch a builder flag off."""
        self.flags.discard(flag)

    def get_flag(self, flag):
        """Whether a builder flag is on."""
        return flag in self.flags

    def get_quantization_flag(self, flag):
        """No quantization flag is supported."""
        return False

    def get_tactic_sources(self):
        """Bit mask that a default TensorRT build reports."""
        return 24

    def add_optimization_profile(self, profile):
        """Add a profile; only the first one is used."""
        self.profiles.append(profile)
        return len(self.profiles) - 1

    def set_calibration_profile(self, profile):
        """Profile used while calibrating."""
        self.calibration_profile = profile
        return True

    def get_calibration_profile(self):
        """Profile used while calibrating."""
        return self.calibration_profile

    def create_timing_cache(self, blob):
        """Timing cache from stored bytes."""
        return ITimingCache(bytes(blob))

    def set_timing_cache(self, cache, ignore_mismatch=False):
        """Attach a timing cache."""
        self.timing_cache = cache
        return True

    def get_timing_cache(self):
        """The attached timing cache."""
        return self.timing_cache
