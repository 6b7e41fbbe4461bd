"""ONNX parser: loads a graph and refuses what TensorRT's own parser would refuse."""

import onnx
from onnx import TensorProto, shape_inference

from .enumerations import DataType
from .logger import Logger
from .network import ILayer, ITensor

TENSOR_TYPES = {
    TensorProto.FLOAT: DataType.FLOAT,
    TensorProto.FLOAT16: DataType.HALF,
    TensorProto.BFLOAT16: DataType.BF16,
    TensorProto.INT8: DataType.INT8,
    TensorProto.INT32: DataType.INT32,
    TensorProto.INT64: DataType.INT64,
    TensorProto.UINT8: DataType.UINT8,
    TensorProto.BOOL: DataType.BOOL,
}

# Operators of the default ONNX domain that the TensorRT 10 parser does not import. Best effort:
# an operator missing here may still be refused by the real parser.
UNSUPPORTED_OPERATORS = set(
    """Bernoulli BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor CenterCropPad Col2Im Compress
    ConcatFromSequence ConvInteger Det DynamicQuantizeLinear ImageDecoder LpPool MatMulInteger
    MaxRoiPool MaxUnpool MelWeightMatrix Multinomial NegativeLogLikelihoodLoss Optional
    OptionalGetElement OptionalHasElement QLinearConv QLinearMatMul RandomNormal RegexFullMatch
    SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength
    SequenceMap SoftmaxCrossEntropyLoss SplitToSequence StringConcat StringNormalizer StringSplit
    TfIdfVectorizer Unique""".split()
)


def value_shape(value):
    """Shape of a graph value, -1 for a dimension without a number."""
    dimensions = value.type.tensor_type.shape.dim
    return tuple(d.dim_value if d.HasField("dim_value") else -1 for d in dimensions)


def refusal(node):
    """Why TensorRT would not import this node, or None."""
    if node.domain not in ("", "ai.onnx"):
        return f"node {node.name}: domain '{node.domain}' op {node.op_type} not supported"
    if node.op_type in UNSUPPORTED_OPERATORS:
        return f"node {node.name}: op {node.op_type} is not imported by TensorRT 10"
    if not onnx.defs.has(node.op_type):
        return f"op {node.op_type} is no ONNX op (a TensorRT plugin cannot be emulated)"
    return None


class OnnxParser:
    """Fills a network from an ONNX model."""

    def __init__(self, network, logger):
        self.network, self.logger, self.errors = network, logger, []

    num_errors = property(lambda self: len(self.errors))

    def get_error(self, index):
        """Error by position."""
        return self.errors[index]

    def parse(self, data, path=None):
        """Parse a serialized model."""
        return self._load(lambda: onnx.load_from_string(bytes(data)))

    def parse_from_file(self, path):
        """Parse a file together with external data next to it."""
        return self._load(lambda: onnx.load(path))

    def _fail(self, message):
        self.errors.append(f"EMULATED TRT: {message}")

    def _load(self, loader):
        try:
            model = loader()
            onnx.checker.check_model(model)
        except Exception as error:  # noqa: BLE001 - the real parser reports, it does not raise
            self._fail(f"cannot load ONNX: {error}")
            return False
        try:
            model = shape_inference.infer_shapes(model, data_prop=True)
        except Exception as error:  # noqa: BLE001 - inferred shapes are a help only
            self.logger.log(Logger.WARNING, f"shape inference: {error}")
        return self._fill(model)

    def _fill(self, model):
        graph = model.graph
        for reason in filter(None, map(refusal, graph.node)):
            self._fail(reason)
        constants = {initializer.name for initializer in graph.initializer}
        inputs = self._io([value for value in graph.input if value.name not in constants])
        outputs = self._io(graph.output)
        if self.errors:
            return False
        network = self.network
        network.model, network.inputs, network.outputs = model, inputs, outputs
        tensors = self._tensors(graph, inputs + outputs)
        network.layers = [ILayer(node, tensors) for node in graph.node]
        self.logger.log(Logger.INFO, f"parsed ONNX with {len(network.layers)} nodes")
        return True

    def _io(self, values):
        """Tensors of graph inputs or outputs; types that TensorRT lacks are errors."""
        tensors = []
        for value in values:
            code = value.type.tensor_type.elem_type
            if code in TENSOR_TYPES:
                tensors.append(ITensor(value.name, value_shape(value), TENSOR_TYPES[code]))
            else:
                name = TensorProto.DataType.Name(code)
                self._fail(f"I/O tensor {value.name}: type {name} not supported")
        return tensors

    @staticmethod
    def _tensors(graph, io_tensors):
        """All tensors whose type is known, by name."""
        tensors = {}
        for value in graph.value_info:
            code = value.type.tensor_type.elem_type
            if code in TENSOR_TYPES:
                tensors[value.name] = ITensor(value.name, value_shape(value), TENSOR_TYPES[code])
        for constant in graph.initializer:
            if constant.data_type in TENSOR_TYPES:
                dtype = TENSOR_TYPES[constant.data_type]
                tensors[constant.name] = ITensor(constant.name, tuple(constant.dims), dtype)
        tensors.update({tensor.name: tensor for tensor in io_tensors})
        for node in graph.node:
            if node.op_type == "Shape":
                for name in set(node.output) & set(tensors):
                    tensors[name].is_shape_tensor = True
        return tensors
