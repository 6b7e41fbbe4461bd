"""The entries of a weight map: one for each target tensor, made from whole source tensors.

An entry is {target, op, source, shape}. `copy` keeps the shape, `reshape` changes it, `concatenate`
joins its sources along the first axis.
"""

from collections import Counter

import torch

OPERATIONS = ("copy", "concatenate", "reshape")


def entry_of(target, shape, names, source):
    """Return the entry that fills a target tensor of this shape from the named tensors."""
    if len(names) > 1:
        operation = "concatenate"
    else:
        operation = "copy" if source[names[0]].shape == shape else "reshape"
    return {"target": target, "op": operation, "source": list(names), "shape": list(shape)}


def copies(names, prefix, source):
    """Return the entries of a target that holds the source under a prefix."""
    return [entry_of(prefix + name, source[name].shape, [name], source) for name in names]


def make(entry, source):
    """Return the tensor that an entry makes, in a strict reading of its operation."""
    operation, names = entry["op"], entry["source"]
    absent = [name for name in names if name not in source]
    if operation not in OPERATIONS or not names or absent:
        raise ValueError(f"{entry['target']}: operation {operation} of {names}, absent: {absent}")
    if operation != "concatenate" and len(names) != 1:
        raise ValueError(f"{entry['target']}: {operation} of {len(names)} tensors")
    value = torch.cat([source[name] for name in names]) if len(names) > 1 else source[names[0]]
    if operation == "copy" and list(value.shape) != list(entry["shape"]):
        raise ValueError(
            f"{entry['target']}: a copy of {list(value.shape)} where {entry['shape']} is wanted"
        )
    return value.reshape(entry["shape"])


def fill(target, entries, source):
    """Load a model from the entries alone; return what went wrong, one text for each entry."""
    own, wrong = target.state_dict(), []
    for entry in entries:
        try:
            value = make(entry, source)
            place = own[entry["target"]]
            if place.shape != value.shape or place.dtype != value.dtype:
                raise ValueError(
                    f"{entry['target']} is {place.dtype} {list(place.shape)}, not "
                    f"{value.dtype} {list(value.shape)}"
                )
            with torch.no_grad():
                place.copy_(value)
        except (KeyError, ValueError, RuntimeError) as error:
            wrong.append(str(error)[:200])
    return wrong


def differing(state, entries, source):
    """Return the targets that are not bit for bit what their entry makes; NaN equals nothing."""
    found = []
    for entry in entries:
        try:
            value = make(entry, source)
        except (ValueError, RuntimeError):
            found.append(entry["target"])
            continue
        have = state.get(entry["target"])
        if have is None or have.dtype != value.dtype or not torch.equal(have, value):
            found.append(entry["target"])
    return found


def ledger(entries, source, target):
    """Return which tensors on both sides the entries leave out, name twice or invent."""
    used = Counter(name for entry in entries for name in entry["source"])
    filled = Counter(entry["target"] for entry in entries)
    return {
        "unused_sources": [name for name in source if name not in used],
        "unset_targets": [name for name in target if name not in filled],
        "repeated_sources": sorted(name for name, count in used.items() if count > 1),
        "repeated_targets": sorted(name for name, count in filled.items() if count > 1),
        "unknown_sources": sorted(set(used) - set(source)),
        "unknown_targets": sorted(set(filled) - set(target)),
        "used_sources": sum(name in source for name in used),
        "set_targets": sum(name in target for name in filled),
    }
