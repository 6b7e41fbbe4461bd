"""Network definition: a view of the parsed ONNX graph."""

from .enumerations import DataType, LayerType


class ITensor:
    """A named tensor; -1 marks a dynamic dimension."""

    def __init__(self, name, shape, dtype, is_shape_tensor=False):
        self.name, self.shape, self.dtype = name, shape, dtype
        self.is_shape_tensor = is_shape_tensor
        self.dynamic_range = None


class ILayer:
    """One ONNX node; setting its precision keeps its weights in that type."""

    _TYPES = {"Constant": LayerType.CONSTANT, "Shape": LayerType.SHAPE}

    def __init__(self, node, tensors):
        self.name = node.name
        self.type = self._TYPES.get(node.op_type, LayerType.OTHER)
        self.inputs = self._tensors(node.input, tensors)
        self.outputs = self._tensors(node.output, tensors)
        self._precision = self.outputs[0].dtype if self.outputs else DataType.FLOAT
        self.precision_is_set = False
        self.num_inputs, self.num_outputs = len(self.inputs), len(self.outputs)

    @staticmethod
    def _tensors(names, tensors):
        """Tensors of these names; what shape inference did not reach counts as float."""
        return [tensors.get(name) or ITensor(name, (), DataType.FLOAT) for name in names if name]

    @property
    def precision(self):
        """Type the layer computes in."""
        return self._precision

    @precision.setter
    def precision(self, value):
        self._precision, self.precision_is_set = value, True

    def get_input(self, index):
        """Input tensor by position."""
        return self.inputs[index]

    def get_output(self, index):
        """Output tensor by position."""
        return self.outputs[index]


class INetworkDefinition:
    """Filled by the parser."""

    def __init__(self, flags=0):
        self.flags, self.model, self.name = flags, None, "EMULATED network"
        self.inputs, self.outputs, self.layers = [], [], []

    num_inputs = property(lambda self: len(self.inputs))
    num_outputs = property(lambda self: len(self.outputs))
    num_layers = property(lambda self: len(self.layers))

    def get_input(self, index):
        """Input tensor by position."""
        return self.inputs[index]

    def get_output(self, index):
        """Output tensor by position."""
        return self.outputs[index]

    def get_layer(self, index):
        """Layer by position."""
        return self.layers[index]

    def __iter__(self):
        return iter(self.layers)
