"""Beam's worker process on this machine, as quiet as the process that starts it, and quick to give memory back.

Run as `python -m pipeline.worker`; `execute.LocalRunner` has Beam do so. Beam's own entry says a line a connection, a
worker and a stage, and prints what it then raises in the process that waits for it. What ends this process is printed.
"""

import os
import sys
from contextlib import redirect_stderr
from pathlib import Path

_IDLE_S = 5
"""After which a step that is done gives its output buffers back, 16 MB each; Beam waits for a minute."""

if __name__ == "__main__":
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stderr(nowhere):
        from apache_beam.runners.worker import sdk_worker, sdk_worker_main

        sdk_worker.DEFAULT_BUNDLE_PROCESSOR_CACHE_SHUTDOWN_THRESHOLD_S = _IDLE_S
        sdk_worker_main.main(sys.argv)
