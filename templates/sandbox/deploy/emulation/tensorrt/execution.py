"""Runtime, engine and execution context."""

import numpy as np
from taohf_emulation import device_memory

from .engine_file import unpack
from .enumerations import DataType, TensorIOMode, TensorLocation, nptype
from .logger import Logger
from .onnx_session import session, trial_input


class Runtime:
    """Loads emulated engines and refuses everything else."""

    def __init__(self, logger):
        self.logger = logger

    def deserialize_cuda_engine(self, data):
        """Engine, or None with an error line as in TensorRT."""
        try:
            header, model_bytes = unpack(bytes(data))
        except ValueError as error:
            self.logger.log(Logger.ERROR, str(error))
            return None
        return ICudaEngine(header, model_bytes, self.logger)


class ICudaEngine:
    """An engine: the header of the file plus an ONNX Runtime session."""

    has_implicit_batch_dimension = False
    num_optimization_profiles = 1

    def __init__(self, header, model_bytes, logger):
        self.header, self.logger = header, logger
        self.session = session(model_bytes)
        self.inputs = self._described(header["inputs"])
        self.outputs = self._described(header["outputs"])
        self.tensors = self.inputs | self.outputs
        self._output_shapes = {}

    @staticmethod
    def _described(rows):
        return {name: (tuple(shape), DataType[dtype]) for name, shape, dtype in rows}

    num_io_tensors = property(lambda self: len(self.tensors))

    def __len__(self):
        return len(self.tensors)

    def get_tensor_name(self, index):
        """Name by position, inputs first."""
        return list(self.tensors)[index]

    def get_tensor_shape(self, name):
        """Declared shape, -1 for a dynamic dimension."""
        return self.tensors[name][0]

    def get_tensor_dtype(self, name):
        """Type of an I/O tensor."""
        return self.tensors[name][1]

    def get_tensor_mode(self, name):
        """Input or output."""
        return TensorIOMode.INPUT if name in self.inputs else TensorIOMode.OUTPUT

    def get_tensor_location(self, name):
        """Everything is in pretended device memory."""
        return TensorLocation.DEVICE

    def get_tensor_profile_shape(self, name, profile_index):
        """Minimum, optimum and maximum shape of an input."""
        if profile_index != 0:
            raise ValueError(f"EMULATED TRT: no optimization profile {profile_index}")
        return [tuple(shape) for shape in self.header["profile"][name]]

    def create_execution_context(self):
        """New context with its own shapes and addresses."""
        return IExecutionContext(self)

    def output_shapes(self, shapes):
        """Output shapes for concrete input shapes, by trial; -1 where they depend on the data."""
        key = tuple(shapes[name] for name in self.inputs)
        if key not in self._output_shapes:
            found = []
            for seed in (0, 1):
                feed = {n: trial_input(d, shapes[n], seed) for n, (_, d) in self.inputs.items()}
                found.append([v.shape for v in self.session.run(list(self.outputs), feed)])
            self._output_shapes[key] = {
                name: tuple(x if x == y else -1 for x, y in zip(first, second))
                for name, first, second in zip(self.outputs, *found)
            }
        return self._output_shapes[key]


class IExecutionContext:
    """Runs an engine on buffers given by address."""

    def __init__(self, engine):
        self.engine = engine
        self._shapes = {name: shape for name, (shape, _) in engine.inputs.items()}
        self._addresses = {}

    @property
    def all_shapes_specified(self):
        """Whether no input has a dynamic dimension left."""
        return all(-1 not in shape for shape in self._shapes.values())

    all_binding_shapes_specified = all_shapes_specified

    def set_optimization_profile_async(self, profile_index, stream_handle):
        """Only profile 0 exists."""
        return profile_index == 0

    def set_input_shape(self, name, shape):
        """False, an error line and no change when the shape is outside the profile."""
        shape = tuple(int(value) for value in shape)  # TypeError on None, like the real binding
        low, _, high = self.engine.header["profile"][name]
        inside = all(a <= value <= b for a, value, b in zip(low, shape, high))
        if len(shape) != len(low) or not inside:
            message = f"set_input_shape({name}, {shape}) outside profile {low}..{high}; unchanged"
            self.engine.logger.log(Logger.ERROR, message)
            return False
        self._shapes[name] = shape
        return True

    def get_tensor_shape(self, name):
        """Shape under the input shapes set so far."""
        if name in self._shapes:
            return self._shapes[name]
        if not self.all_shapes_specified:
            return self.engine.outputs[name][0]
        return self.engine.output_shapes(self._shapes)[name]

    def set_tensor_address(self, name, memory):
        """Bind a buffer; its address must be alive."""
        device_memory.view(memory)
        self._addresses[name] = int(memory)
        return True

    def get_tensor_address(self, name):
        """Bound address, 0 if none."""
        return self._addresses.get(name, 0)

    def infer_shapes(self):
        """Names of the inputs that still lack a shape."""
        return [name for name, shape in self._shapes.items() if -1 in shape]

    def execute_async_v3(self, stream_handle):
        """Run, at once."""
        engine = self.engine
        if not self.all_shapes_specified:
            raise RuntimeError(f"EMULATED TRT: input shapes not specified: {self._shapes}")
        missing = [name for name in engine.tensors if name not in self._addresses]
        if missing:
            raise RuntimeError(f"EMULATED TRT: no address for {missing}")
        outputs = engine.session.run(list(engine.outputs), self._feed())
        for name, value in zip(engine.outputs, outputs):
            self._write(name, value)
        return True

    def _feed(self):
        """Input arrays, read from their buffers."""
        feed = {}
        for name, (_, dtype) in self.engine.inputs.items():
            feed[name] = device_memory.read_tensor(
                self._addresses[name], self._shapes[name], nptype(dtype), f"buffer of {name}"
            )
        return feed

    def _write(self, name, value):
        """Write one output into its buffer."""
        value = np.ascontiguousarray(value, nptype(self.engine.outputs[name][1]))
        data = value.reshape(-1).view(np.uint8)
        device_memory.copy(device_memory.view(self._addresses[name]), data)
