"""The class names of a dataset: a text file, line number = label id."""

from lib.images import read_lines


def class_names(file):
    """Return the names, none where there is no file."""
    return read_lines(file) if file.is_file() else []


def count_faults(file, names, wanted):
    """Return why the names are not one for each class of the model."""
    if not file.is_file():
        return [f"there is no {file.name}: the names of the classes, one a line, in the order of the model's"]
    if len(names) != wanted:
        return [f"{file.name} names {len(names)} classes, the model has {wanted}"]
    return []
