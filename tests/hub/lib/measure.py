"""Runs a command; wall seconds, peak memory in KiB and the exit code go to a file. Usage: measure.py FILE COMMAND..."""

import os
import sys
import time


def main():
    started = time.monotonic()
    child = os.spawnvp(os.P_NOWAIT, sys.argv[2], sys.argv[2:])
    _, status, usage = os.wait4(child, 0)
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        print(time.monotonic() - started, usage.ru_maxrss, os.waitstatus_to_exitcode(status), file=file)


main()
