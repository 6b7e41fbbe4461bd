"""Running a model while watching which weights meet which values.

Under inference mode an operation such as a linear layer arrives whole at a dispatch mode. Tensors
are followed by their storage: a *weight* shares the storage of a named tensor, *data* depends on
the input, anything else computed from weights remembers which ones.
"""

from dataclasses import dataclass, field

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten

ATEN = torch.ops.aten

# Operation -> (kind, argument that is data, arguments that are weights).
LAYERS = {
    ATEN.linear: ("linear", "input", ("weight", "bias")),
    ATEN.conv2d: ("convolution", "input", ("weight", "bias")),
    ATEN.convolution: ("convolution", "input", ("weight", "bias")),
    ATEN.layer_norm: ("layer_norm", "input", ("weight", "bias")),
    ATEN.group_norm: ("group_norm", "input", ("weight", "bias")),
    ATEN.batch_norm: ("batch_norm", "input", ("weight", "bias", "running_mean", "running_var")),
    ATEN.embedding: ("embedding", "indices", ("weight",)),
}
# These take a weight's or a value's form from another tensor without any arithmetic.
FORMS = {ATEN.expand_as, ATEN.type_as, ATEN.view_as, ATEN.reshape_as}


@dataclass
class Event:
    """Weights that are about to meet a value that depends on the input."""

    kind: str
    operation: str
    value: torch.Tensor
    weights: dict  # role -> name; for a `mix` name -> name
    whole: bool = True  # no weight is a part of a named tensor
    direct: bool = True  # every weight is read itself, not through an expression of weights
    epsilon: float = 0.0


@dataclass
class Sums:
    """What no layout and no order of tokens changes in a tensor; the sums of parts add up."""

    count: int
    sums: torch.Tensor = field(repr=False)
    low: float
    high: float

    @classmethod
    def of(cls, value):
        """Sum up one tensor."""
        flat = value.detach().reshape(-1)
        if not flat.is_floating_point():
            flat = flat.double()
        if flat.numel() == 0:
            return cls(0, torch.zeros(4, dtype=torch.float64), 0.0, 0.0)
        squares = flat.square()
        powers = (flat, flat.abs(), squares, squares * flat)
        sums = torch.stack([power.sum(dtype=torch.float64) for power in powers])
        return cls(flat.numel(), sums, flat.min().item(), flat.max().item())

    def __add__(self, other):
        """Return the sums of both tensors taken together."""
        return Sums(
            self.count + other.count,
            self.sums + other.sums,
            min(self.low, other.low),
            max(self.high, other.high),
        )

    def distance(self, other):
        """Return how far two tensors are apart relative to their size, infinite if unlike."""
        if self.count != other.count or self.count == 0:
            return float("inf")
        largest = max(abs(self.low), abs(self.high), abs(other.low), abs(other.high))
        size = (max(self.sums[2], other.sums[2]) / self.count).sqrt().item()
        if not 0 < largest < float("inf") or not 0 < size < float("inf"):
            return float("inf")
        powers = torch.tensor([size, size, size**2, size**3], dtype=torch.float64)
        means = (self.sums - other.sums).abs() / self.count / powers
        ends = max(abs(self.low - other.low), abs(self.high - other.high)) / largest
        return max(means.max().item(), ends)


class Trace(TorchDispatchMode):
    """Calls `before(event)` and `after(event, output)` for every meeting of weights and data."""

    def __init__(self, model, before, after=None):
        """Watch the tensors of a model's state dict."""
        super().__init__()
        self.before, self.after = before, after
        self.named, self.origins, self.alive = {}, {}, []
        for name, value in model.state_dict(keep_vars=True).items():
            if value.is_floating_point() and value.numel():
                self.named.setdefault(storage(value), (name, value))

    def run(self, call, pixels):
        """Return what `call(pixels)` answers under the watch."""
        self.alive.append(pixels)
        self.origins[storage(pixels)] = (True, ())
        # The fused path of nn.MultiheadAttention would hide its layers.
        fast = torch.backends.mha.get_fastpath_enabled()
        torch.backends.mha.set_fastpath_enabled(False)
        try:
            with torch.inference_mode(), self:
                return call(pixels)
        finally:
            torch.backends.mha.set_fastpath_enabled(fast)
            self.alive.clear()

    def origin(self, value):
        """Return (depends on the input, names of the weights it is made of)."""
        if storage(value) in self.named:
            return False, (self.named[storage(value)][0],)
        return self.origins.get(storage(value), (False, ()))

    def is_weight(self, value):
        """Tell whether a tensor is a weight or a view of one."""
        return torch.is_tensor(value) and storage(value) in self.named

    def is_whole(self, value):
        """Tell whether a view shows all of its weight, once and in its order."""
        weight = self.named[storage(value)][1]
        return value.numel() == weight.numel() and value.is_contiguous() == weight.is_contiguous()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        """Run one operation, with what stands around it."""
        kwargs = kwargs or {}
        read = [item for item in tree_flatten((args, kwargs))[0] if torch.is_tensor(item)]
        event = self.event_of(func, args, kwargs, read)
        if event is not None:
            self.before(event)
        output = func(*args, **kwargs)
        if event is not None and self.after is not None:
            self.after(event, output)
        self.follow(read, output)
        return output

    def follow(self, read, output):
        """Remember what the results of an operation are made of."""
        origins = [self.origin(value) for value in read]
        data = any(is_data for is_data, _ in origins)
        names = (
            () if data else tuple(dict.fromkeys(name for _, made_of in origins for name in made_of))
        )
        for value in tree_flatten(output)[0]:
            if torch.is_tensor(value) and not self.is_weight(value):
                # A storage that is freed could come back as another tensor's.
                self.alive.append(value)
                self.origins[storage(value)] = (data, names)

    def event_of(self, func, args, kwargs, read):
        """Return the event that an operation is, or None."""
        packet = func._overloadpacket
        if packet in FORMS or not any(self.origin(value)[1] for value in read):
            return None
        if packet in LAYERS:
            named = {
                argument.name: value for argument, value in zip(func._schema.arguments, args)
            } | kwargs
            event = self.layer(packet, named)
            if event is not None:
                return event
        return self.mix(packet, read)

    def layer(self, packet, named):
        """Return the event of a layer whose weights are weights themselves, or None."""
        kind, data, roles = LAYERS[packet]
        present = {role: named[role] for role in roles if torch.is_tensor(named.get(role))}
        if not present or not all(self.is_weight(value) for value in present.values()):
            return None
        if not self.origin(named[data])[0]:
            return None
        if kind == "convolution" and is_pointwise(named):
            kind = "linear"
        weights = {role: self.origin(value)[1][0] for role, value in present.items()}
        return Event(
            kind,
            kind,
            named[data],
            weights,
            whole=all(self.is_whole(item) for item in present.values()),
            epsilon=named.get("eps", 1e-5) if kind.endswith("norm") else 0.0,
        )

    def mix(self, packet, read):
        """Return the event of any other operation on data and weights, or None."""
        data = [value for value in read if self.origin(value)[0]]
        others = [value for value in read if not self.origin(value)[0] and self.origin(value)[1]]
        if not data or not others:
            return None
        names = dict.fromkeys(name for value in others for name in self.origin(value)[1])
        return Event(
            "mix",
            packet.__name__.rstrip("_"),
            max(data, key=torch.Tensor.numel),
            {name: name for name in names},
            direct=all(self.is_weight(value) for value in others),
        )


def storage(value):
    """Return what all views of one tensor have in common."""
    return value.untyped_storage().data_ptr()


def is_pointwise(named):
    """Tell whether a convolution is a linear layer over the channels."""
    return (
        tuple(named["weight"].shape[2:]) == (1, 1)
        and set(named.get("stride", [1])) == {1}
        and named.get("padding", [0]) in ([0], [0, 0], "valid")
        and named.get("groups", 1) == 1
    )
