"""Proving a weight map by running both models.

Every comparison uses models that were built for it and never ran before (some fill caches when they
run), the target with other random weights, so that what the map forgets cannot look right.
"""

import copy

import torch
from lib.numbers import relative_difference
from lib.weight_map_entries import differing, entry_of, fill, ledger
from lib.weight_map_models import answers, build_source, build_target
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

    def __init__(self, document, source, tolerance, seed):
        """Take the evidence of the derivation and the model of the snapshot."""
        self.document, self.source, self.tolerance, self.seed = document, source, tolerance, seed
        self.entries = document["entries"]
        self.checks = Checks()
        self.largest = 0.0

    def new_source(self, seed):
        """Return a source with random weights."""
        document = self.document
        return randomise(
            build_source(document["architecture"], document["config"], document["num_classes"]),
            seed,
        )

    def new_target(self, seed):
        """Return a target with random weights."""
        torch.manual_seed(seed)
        return randomise(build_target(self.document), seed)

    def compared(self, source, target, pixels):
        """Return the largest relative difference of what both answer."""
        reference, values = answers(source, pixels), answers(target, pixels)
        if self.document["is_timm"]:
            reference = reference[:1]
        if len(reference) != len(values) or not values:
            return float("inf")
        return max(
            relative_difference(mine.numpy(), theirs.numpy())
            for mine, theirs in zip(values, reference)
        )

    def must_be_equal(self, name, source, target, pixels):
        """Add the obligation that both answer the same."""
        found = self.compared(source, target, pixels)
        self.largest = max(self.largest, found)
        self.checks.at_most(name, found, self.tolerance)

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
        self.must_be_equal("own weights, noise", source, target, self.noise(1))
        if images is not None:
            self.must_be_equal(f"own weights, {len(images)} real images", source, target, images)

    def random_weights(self, number, images=None):
        """Check random weights, in which no two tensors are alike, and that mistakes would show."""
        source, target = (
            self.new_source(self.seed + 10 * number),
            self.new_target(self.seed + 10 * number + 1),
        )
        pixels, name = self.noise(number + 1), f"random weights {number}"
        forgotten = self.compared(source, target, pixels)
        fill(target, self.entries, source.state_dict())
        self.must_be_equal(f"{name}, noise", source, target, pixels)
        if images is not None:
            self.must_be_equal(f"{name}, {len(images)} real images", source, target, images)
        self.layers(name, source, target, pixels)
        limit = TOLD_APART * self.tolerance
        logits = answers(source, pixels)[0].numpy()
        self.checks.at_least(
            f"{name}, difference of two images", relative_difference(logits[1:], logits[:-1]), limit
        )
        self.checks.at_least(f"{name}, difference of a target without the map", forgotten, limit)
        self.checks.at_least(
            f"{name}, difference under a wrong map", self.wrong(number, source, pixels), limit
        )

    def wrong(self, number, source, pixels):
        """Return the difference when tensors of one shape change places."""
        state, kinds = source.state_dict(), {}
        for entry in self.entries:
            for name in entry["source"]:
                if name in state and state[name].ndim > 1:
                    kinds.setdefault(tuple(state[name].shape), []).append(name)
        names = max(kinds.values(), key=len, default=[])
        if len(names) < 2:  # nothing to confuse: the order of rows is
            names = max(kinds.values(), key=lambda item: state[item[0]].numel(), default=[])
            moved = {name: state[name].roll(1, 0) for name in names}
        else:
            moved = {name: state[other] for name, other in zip(names, names[1:] + names[:1])}
        target = self.new_target(self.seed + 10 * number + 2)
        fill(target, self.entries, {**state, **moved})
        return self.compared(source, target, pixels)

    def layers(self, name, source, target, pixels):
        """Check that every layer answers as the layers that it is made of.

        The logits cannot see everything: a constant added to all keys cancels in the softmax.
        """
        mine, theirs = outputs_by_weight(target, pixels), outputs_by_weight(source, pixels)
        distances, seen = [0.0], []
        for entry in self.entries:
            parts = [theirs[item] for item in entry["source"] if item in theirs]
            if entry["target"] not in mine or len(parts) != len(entry["source"]):
                continue
            sums, epsilon = mine[entry["target"]]
            total = parts[0][0]
            for part in parts[1:]:
                total = total + part[0]
            seen.append(entry["target"])
            distances.append(sums.distance(total) if epsilon == parts[0][1] else float("inf"))
        worst = seen[distances.index(max(distances)) - 1] if seen else ""
        self.checks.at_least(f"{name}, weights seen at work in a layer", len(seen), 1)
        self.checks.at_most(
            f"{name}, distance of a layer's output", max(distances), LAYER_OUTPUTS, worst
        )

    def noise(self, number):
        """Return new random images."""
        return random_images(self.document["input"], 3, self.seed + 1000 * number)

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
        self.must_be_equal("checkpoint, noise", self.source, target, self.noise(9))


def outputs_by_weight(model, pixels):
    """Return {name of a weight: (sums of what its layer answers, epsilon of a norm)}."""
    seen = {}

    def keep(event, output):
        if event.kind != "mix" and event.whole and torch.is_tensor(output):
            value = (Sums.of(output), event.epsilon)
            seen.update((name, value) for name in event.weights.values() if name not in seen)

    Trace(model, lambda event: None, keep).run(lambda images: answers(model, images), pixels)
    return seen


def not_finite(state):
    """Return the names of the tensors that hold NaN or infinity."""
    return sorted(
        name
        for name, value in state.items()
        if torch.is_tensor(value) and value.is_floating_point() and not torch.isfinite(value).all()
    )
