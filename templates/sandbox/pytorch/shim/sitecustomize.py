"""Start-up hook of the CPU sandbox: Python imports this module by itself, in every process.

It installs import hooks only, so that a plain ``python -c pass`` stays fast and launcher
subprocesses (``python <script>``, torchrun) get the same treatment without being told.
TAOHF_SHIM=off disables it, TAOHF_SHIM_TRACE=1 reports what was stubbed or patched.
"""

import os

if os.environ.get("TAOHF_SHIM", "on") != "off":
    from taohf_shim import activate

    activate()
