"""Proving a weight map by running both models.

Every comparison uses models that were built for it and never ran before (some fill caches when they
run), the target with other random weights, so that what the map forgets cannot look right.
"""

import copy
import functools
import operator

import torch
from lib.numbers import relative_difference
from lib.weight_map_entries import differing, entry_of, fill, ledger
from lib.weight_map_models import answers, build_target
from lib.weight_map_random import random_images, randomise
from lib.weight_map_trace import Sums, Trace

LAYER_OUTPUTS = 2e-4  # distance of sums; they are sums over whole layers in float32
TOLD_APART = 100  # a wrong model must differ by this multiple of the tolerance


class Checks:
    """Named conditions with the number that was found and the number that is allowed."""

    def __init__(self):
        """Start with none."""
        self.rows, self.why = [], ""

    def at_most(self, name, value, limit, why=""):
        """Add a condition; NaN fulfils none."""
        self.add(name, value, limit, value <= limit, why)

    def at_least(self, name, value, limit, why=""):
        """Add a condition that a control must reach."""
        self.add(f"{name}, at least", value, limit, value >= limit, why)

    def none(self, name, found):
        """Add the condition that a list is empty."""
        self.add(name, len(found), 0, not found, ", ".join(str(item) for item in found[:4]))

    def add(self, name, value, limit, passed, why):
        """Add a row; the first failure is the reason that is told."""
        self.rows.append({"name": name, "value": value, "limit": limit, "passed": bool(passed)})
        if not passed and not self.why:
            self.why = f"{name}: {value}, the limit is {limit}" + (f" ({why})" if why else "")

    @property
    def passed(self):
        """Tell whether there are conditions and all hold."""
        return bool(self.rows) and all(row["passed"] for row in self.rows)


class Proof:
    """The obligations of one weight map."""

    def __init__(self, document, origin, model, tolerance, seed):
        """Take the evidence of the derivation, how its source is built, and the model of the snapshot."""
        self.document, self.origin, self.source = document, origin, model
        self.tolerance, self.seed = tolerance, seed
        self.entries = document["entries"]
        self.checks = Checks()
        self.largest = 0.0

    def new_source(self, seed):
        """Return a source with random weights."""
        document = self.document
        return randomise(self.origin.build(document["config"], document["num_classes"]), seed)

    def new_target(self, seed):
        """Return a target with random weights."""
        torch.manual_seed(seed)
        return randomise(build_target(self.origin, self.document), seed)

    def difference(self, values, reference):
        """Return the largest relative difference of two models' answers."""
        if self.document["is_twin"]:
            reference = reference[:1]
        if len(reference) != len(values) or not values:
            return float("inf")
        pairs = zip(values, reference)
        return max(relative_difference(mine.numpy(), theirs.numpy()) for mine, theirs in pairs)

    def compared(self, source, target, pixels):
        """Return the largest relative difference of what both models answer."""
        return self.difference(answers(target, pixels), answers(source, pixels))

    def must_be_equal(self, name, difference):
        """Add the obligation that both models answer the same."""
        self.largest = max(self.largest, difference)
        self.checks.at_most(name, difference, self.tolerance)

    def structure(self):
        """Check that the entries use and set everything once; return the ledger."""
        source = self.new_source(self.seed)
        book = ledger(self.entries, source.state_dict(), self.new_target(self.seed).state_dict())
        book["explained_sources"] = self.explained(source, book["unused_sources"])
        told = {item["name"] for item in book["explained_sources"]}
        book["unused_sources"] = [name for name in book["unused_sources"] if name not in told]
        for name in (
            "unused_sources",
            "unset_targets",
            "repeated_sources",
            "repeated_targets",
            "unknown_sources",
            "unknown_targets",
        ):
            self.checks.none(name.replace("_", " "), book[name])
        return book

    def explained(self, source, unused):
        """Return the unused tensors that provably have no part in the answer.

        NaN in a tensor that is read shows in the answer.
        """
        if not unused:
            return []
        pixels = random_images(self.document["input"], 2, self.seed)
        before = answers(source, pixels)
        spoiled = copy.deepcopy(source)
        state = spoiled.state_dict()
        with torch.no_grad():
            for name in unused:
                state[name].fill_(float("nan") if state[name].is_floating_point() else 1)
        after = answers(spoiled, pixels)
        if not all(torch.equal(old, new) for old, new in zip(before, after)):
            return []
        return [
            {"name": name, "reason": "the answer does not depend on it: NaN in it changes no bit"}
            for name in unused
        ]

    def own_weights(self, missing, images=None):
        """Check the snapshot's own weights, on noise and on real images."""
        source, target = self.source, self.new_target(self.seed + 1)
        self.checks.none("tensors that the snapshot lacks", missing)
        self.checks.none("source tensors that are not finite", not_finite(source.state_dict()))
        self.checks.none(
            "entries that cannot be applied", fill(target, self.entries, source.state_dict())
        )
        self.checks.none(
            "loaded tensors that differ in a bit from their entry",
            differing(target.state_dict(), self.entries, source.state_dict()),
        )
        self.must_be_equal("own weights, noise", self.compared(source, target, self.noise(1)))
        if images is not None:
            name = f"own weights, {len(images)} real images"
            self.must_be_equal(name, self.compared(source, target, images))

    def random_weights(self, number):
        """Check random weights, in which no two tensors are alike, and that mistakes would show."""
        source = self.new_source(self.seed + 10 * number)
        target = self.new_target(self.seed + 10 * number + 1)
        pixels, name = self.noise(number + 1), f"random weights {number}"
        fill(target, self.entries, source.state_dict())
        reference, theirs = watched(source, pixels)
        values, mine = watched(target, pixels)
        self.must_be_equal(f"{name}, noise", self.difference(values, reference))
        self.layers(name, mine, theirs)
        limit = TOLD_APART * self.tolerance
        images = relative_difference(reference[0][1:].numpy(), reference[0][:-1].numpy())
        self.checks.at_least(f"{name}, difference of two images", images, limit)
        wrong = answers(self.wrong(number, source.state_dict()), pixels)
        self.checks.at_least(
            f"{name}, difference under a wrong map", self.difference(wrong, reference), limit
        )

    def wrong(self, number, state):
        """Return a target in which source tensors of one shape changed places."""
        kinds = {}
        for entry in self.entries:
            for name in entry["source"]:
                if name in state and state[name].ndim > 1:
                    kinds.setdefault(tuple(state[name].shape), []).append(name)
        names = max(kinds.values(), key=len, default=[])
        if len(names) > 1:
            moved = {name: state[other] for name, other in zip(names, names[1:] + names[:1])}
        else:  # nothing to confuse but rows
            moved = {name: state[name].roll(1, 0) for (name,) in kinds.values()}
        target = self.new_target(self.seed + 10 * number + 2)
        fill(target, self.entries, {**state, **moved})
        return target

    def layers(self, name, mine, theirs):
        """Check that every layer answers as the layers that it is made of.

        The logits cannot see everything: a constant added to all keys cancels in the softmax.
        """
        distances = {}
        for entry in self.entries:
            parts = [theirs[item] for item in entry["source"] if item in theirs]
            if entry["target"] not in mine or len(parts) != len(entry["source"]):
                continue
            sums, epsilon = mine[entry["target"]]
            total = functools.reduce(operator.add, (part for part, _ in parts))
            same = all(other == epsilon for _, other in parts)
            distances[entry["target"]] = sums.distance(total) if same else float("inf")
        self.checks.at_least(f"{name}, weights seen at work in a layer", len(distances), 1)
        worst = max(distances, key=distances.get, default="")
        self.checks.at_most(
            f"{name}, distance of a layer's output",
            distances.get(worst, float("inf")),
            LAYER_OUTPUTS,
            worst,
        )

    def noise(self, number):
        """Return new random images."""
        return random_images(self.document["input"], 2, self.seed + 1000 * number)

    def checkpoint(self, state):
        """Check the tensors of a converted checkpoint, each called `model.<target>`."""
        own = {
            name.removeprefix("model."): value
            for name, value in state.items()
            if name.startswith("model.")
        }
        wanted = [entry["target"] for entry in self.entries]
        self.checks.none("tensors that the checkpoint lacks", sorted(set(wanted) - set(own)))
        self.checks.none(
            "tensors that only the checkpoint has",
            sorted(set(own) - set(wanted)) + sorted(set(state) - {f"model.{name}" for name in own}),
        )
        self.checks.none("checkpoint tensors that are not finite", not_finite(own))
        self.checks.none(
            "checkpoint tensors that differ in a bit from their entry",
            differing(own, self.entries, self.source.state_dict()),
        )
        target = self.new_target(self.seed + 2)
        entries = [entry_of(name, value.shape, [name], own) for name, value in own.items()]
        self.checks.none("checkpoint tensors that cannot be loaded", fill(target, entries, own))
        self.must_be_equal("checkpoint, noise", self.compared(self.source, target, self.noise(9)))


def watched(model, pixels):
    """Return (answers, {weight's name: (sums of what its layer answers, epsilon of a norm)})."""
    seen = {}

    def keep(event, output):
        if event.kind != "mix" and event.whole and torch.is_tensor(output):
            value = (Sums.of(output), event.epsilon)
            seen.update((name, value) for name in event.weights.values() if name not in seen)

    trace = Trace(model, lambda event: None, keep)
    return trace.run(lambda images: answers(model, images), pixels), seen


def not_finite(state):
    """Return the names of the tensors that hold NaN or infinity."""
    return sorted(
        name
        for name, value in state.items()
        if torch.is_tensor(value) and value.is_floating_point() and not torch.isfinite(value).all()
    )
