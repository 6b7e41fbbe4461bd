"""Logger: every line carries the word EMULATED."""

import sys

from .enumerations import Severity as _Severity


class ILogger:
    """Severities, also as class attributes."""

    Severity = _Severity
    INTERNAL_ERROR, ERROR, WARNING, INFO, VERBOSE = _Severity


class Logger(ILogger):
    """Writes to stderr what is severe enough."""

    def __init__(self, min_severity=ILogger.WARNING):
        self.min_severity = min_severity

    def log(self, severity, msg):
        """Print one line."""
        if severity <= self.min_severity:
            print(f"[EMULATED TRT] [{severity.name[0]}] {msg}", file=sys.stderr, flush=True)


def init_libnvinfer_plugins(logger, namespace=""):
    """There are no plugins; a graph that uses one is refused by the parser."""
    return True
