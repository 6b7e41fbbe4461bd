"""Deriving a weight map without names, by running both models in lockstep.

The source's run is recorded. The target runs on the same input, and before an operation reads
weights that are not set yet, the source's weights are found that meet an equal value: those are
written, the operation runs, and everything after it sees the right values again. Where several fit
(query, key and value meet the same value) one is tried; a later operation that finds nothing equal
takes it back.
"""

import itertools
from dataclasses import dataclass

from lib.weight_map_entries import entry_of, fill
from lib.weight_map_trace import Sums, Trace

EQUAL = 2e-4  # distance of the sums of a value that both models compute
ATTEMPTS = 400  # choices taken back before the models count as different
JOINED = (3, 2, 4)  # layers of the source that one layer of the target may replace


class NotDerived(Exception):
    """Says where the two models part."""


class Again(Exception):
    """The target's run starts anew, with other weights set."""


@dataclass
class Met:
    """What the record keeps of an event: the weights and the sums of the value."""

    kind: str
    operation: str
    weights: dict
    sums: Sums


@dataclass
class Choice:
    """A place where several weights may fit: which ones, which is tried, what was set before."""

    key: tuple
    alternatives: list
    order: list
    tried: int
    before: int

    @property
    def exhausted(self):
        """Tell whether every alternative was tried."""
        return self.tried + 1 >= len(self.order)

    @property
    def current(self):
        """Return the alternative being tried."""
        return self.alternatives[self.order[self.tried]]


def record(model, call, pixels):
    """Return the events of a run as the lockstep needs them."""
    events = []

    def keep(event):
        if event.whole:
            events.append(
                Met(event.kind, event.operation, dict(event.weights), Sums.of(event.value))
            )

    Trace(model, keep).run(call, pixels)
    return events


class Lockstep:
    """Finds which source tensors every target tensor is made of."""

    def __init__(self, source, target, source_call, target_call, pixels):
        """Record the source.

        Its weights must be random, or equal tensors would be taken for each other.
        """
        self.target, self.target_call, self.pixels = target, target_call, pixels
        self.source_state = source.state_dict()
        self.target_state = target.state_dict()
        self.events = record(source, source_call, pixels)
        self.settled = []  # [{target name: source names}], in the order in which they were found
        self.choices = []
        self.preferred = {}
        self.attempts = 0
        self.furthest = (-1, "")

    def derive(self):
        """Return the entries, in the target's order."""
        while True:
            try:
                Trace(self.target, self.on_event).run(self.target_call, self.pixels)
                break
            except Again:
                continue
        found = self.found()
        return [
            entry_of(name, value.shape, found[name], self.source_state)
            for name, value in self.target_state.items()
            if name in found
        ]

    def found(self):
        """Return {target name: source names} as it stands."""
        return {name: sources for part in self.settled for name, sources in part.items()}

    def on_event(self, event):
        """Set the weights that the target is about to read."""
        found = self.found()
        if all(name in found for name in event.weights.values()):
            return
        sums = Sums.of(event.value)
        used = {name for sources in found.values() for name in sources}
        near = [(sums.distance(met.sums), met) for met in self.events if met.kind == event.kind]
        equal = [
            met for distance, met in sorted(near, key=lambda item: item[0]) if distance < EQUAL
        ]
        unused = [met for met in equal if not used.intersection(met.weights.values())]
        if event.kind == "mix":
            alternatives = self.mixes(event, equal, found, used)
        else:
            alternatives = self.layers(event, unused) if event.whole else []
        if not alternatives:
            self.take_back(event, min((distance for distance, _ in near), default=float("inf")))
        self.choose((event.kind, len(alternatives)), alternatives)
        if not event.direct:
            raise Again  # the expression of weights was computed before they were set

    def layers(self, event, equal):
        """Return the alternatives for a layer: one layer of the source, or several side by side."""
        alternatives = [self.pairs(event, [met]) for met in equal]
        if event.kind == "linear":
            equal = sorted(equal, key=self.events.index)
            for number in JOINED:
                alternatives += [
                    self.pairs(event, part) for part in itertools.permutations(equal, number)
                ]
        return [item for item in alternatives if item]

    def pairs(self, event, parts):
        """Return {target name: source names} if the parts fill the event, else None."""
        pairs = {}
        for role, name in event.weights.items():
            names = tuple(part.weights.get(role) for part in parts)
            if None in names or not self.fits(name, names):
                return None
            pairs[name] = names
        # A bias that only the source has would be lost.
        return pairs if all(part.weights.keys() == event.weights.keys() for part in parts) else None

    def fits(self, target, names):
        """Tell whether the tensors, joined along the first axis, have the target's shape."""
        wanted = tuple(self.target_state[target].shape)
        shapes = [tuple(self.source_state[name].shape) for name in names]
        if len(names) == 1:
            return squeezed(shapes[0]) == squeezed(wanted)
        same_rows = len({squeezed(shape[1:]) for shape in [*shapes, wanted]}) == 1
        return same_rows and sum(shape[0] for shape in shapes) == wanted[0]

    def mixes(self, event, equal, found, used):
        """Return the alternatives for weights outside layers: tokens, position tables, scales."""
        equal = sorted(equal, key=lambda met: met.operation != event.operation)
        unset = [name for name in event.weights.values() if name not in found]
        sources = dict.fromkeys(
            name for met in equal for name in met.weights.values() if name not in used
        )
        alternatives = []
        for names in itertools.permutations(sources, len(unset)):
            if all(self.fits(target, (name,)) for target, name in zip(unset, names)):
                alternatives.append({target: (name,) for target, name in zip(unset, names)})
        return alternatives

    def choose(self, key, alternatives):
        """Try an alternative: first the one that was right the last time."""
        order = sorted(
            range(len(alternatives)), key=lambda index: index != self.preferred.get(key, 0)
        )
        choice = Choice(key, alternatives, order, 0, len(self.settled))
        self.choices.append(choice)
        self.settle(choice)

    def settle(self, choice):
        """Write the alternative that is being tried."""
        self.preferred[choice.key] = choice.order[choice.tried]
        self.settled.append(choice.current)
        entries = [
            entry_of(name, self.target_state[name].shape, sources, self.source_state)
            for name, sources in choice.current.items()
        ]
        wrong = fill(self.target, entries, self.source_state)
        if wrong:
            raise NotDerived("; ".join(wrong))

    def take_back(self, event, nearest):
        """Try the next alternative of the last choice, or say where the models part."""
        names = ", ".join(event.weights.values())
        if len(self.settled) > self.furthest[0]:
            where = f"{event.kind}, the nearest is {nearest:.1e} away"
            self.furthest = (
                len(self.settled),
                f"no weights of the source meet the value that {names} meets ({where})",
            )
        self.attempts += 1
        while self.choices and self.choices[-1].exhausted:
            self.choices.pop()
        if not self.choices or self.attempts > ATTEMPTS:
            raise NotDerived(self.furthest[1])
        choice = self.choices[-1]
        choice.tried += 1
        self.settled = self.settled[: choice.before]
        self.settle(choice)
        raise Again


def squeezed(shape):
    """Return a shape without its axes of length one."""
    return tuple(size for size in shape if size != 1)
