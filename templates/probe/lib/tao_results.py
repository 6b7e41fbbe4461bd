"""What TAO commands leave behind: status.json (one JSON document a line), results.json."""

import json
import pathlib

# The last message of TAO's monitor_status after a normal end. The state beside it is no proof:
# tao-pytorch leaves it at RUNNING, and an interrupted command writes another message.
END_MESSAGE = "finished successfully."
VALIDATION_MESSAGE, TRAINING_MESSAGE = "Eval metrics generated.", "Train metrics generated."


def status_lines(path):
    """Return the documents of a status.json; a torn last line ends the list."""
    documents = []
    path = pathlib.Path(path)
    if not path.is_file():
        return documents
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            documents.append(json.loads(line))
        except json.JSONDecodeError:
            break
    return documents


def how_it_ended(path):
    """Describe a command by its status file: an interrupted one says PASS and exits 0, but has no success."""
    documents = status_lines(path)
    states = [str(item.get("status", "")).upper() for item in documents]
    started = max((index for index, state in enumerate(states) if state in ("STARTED", "STARTING")), default=-1)
    message = str(documents[-1].get("message", "")) if documents else ""
    return {
        "file": str(path).removeprefix("/workspace/"),
        "lines": len(documents),
        "end": states[-1] if states else "ABSENT",
        "message": message[:200],
        "started": started >= 0,
        "failures": sum(state in ("FAILURE", "FAILED", "ERROR") for state in states[started + 1:]),
        "succeeded": started >= 0 and message.endswith(END_MESSAGE),
    }


def curve(path):
    """Return the points of the training curve: one for each epoch with numbers.

    Each epoch is told on three lines: its validation, then its number, then its training loss. A line also repeats
    numbers of the one before it, so that only the lines that announce numbers count.
    """
    points, validated, point = [], {}, {}
    for item in status_lines(path):
        message = str(item.get("message", ""))
        if message == VALIDATION_MESSAGE:
            validated = numbers_of(item)
        elif "epoch" in item:
            point = {"epoch": item["epoch"], **validated}
            points.append(point)
            validated = {}
        elif message == TRAINING_MESSAGE:
            point.update(numbers_of(item))
    return [point for point in points if len(point) > 1]


def read_json(path):
    """Return a JSON file, or an empty document when it is absent or torn."""
    try:
        return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError):
        return {}


def read_metrics(path):
    """Return {name: value}: of a JSON document, or the last values that a status.json tells."""
    if pathlib.Path(path).name != "status.json":
        return read_json(path)
    values = {}
    for item in status_lines(path):
        values.update(numbers_of(item))
    return values


def numbers_of(document):
    """Return the numbers among the metrics of one line; some references write them as text."""
    numbers = {}
    for key, value in (document.get("kpi") or {}).items():
        try:
            numbers[key] = float(value)
        except (TypeError, ValueError):
            continue
    return numbers
