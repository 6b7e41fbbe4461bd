"""Optional report on stderr of what the shim replaced."""

import os
import sys

ENABLED = os.environ.get("TAOHF_SHIM_TRACE") == "1"


def trace(message):
    """Print one line if TAOHF_SHIM_TRACE=1."""
    if ENABLED:
        print(f"[taohf cpu shim] {message}", file=sys.stderr, flush=True)
