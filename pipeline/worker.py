"""Beam's worker process on this machine, as quiet as the process that starts it: errors reach the terminal.

Run as `python -m pipeline.worker`; `execute.LocalRunner` has Beam do so. What Beam's own entry says is INFO, a line a
connection, a worker and a stage.
"""

import logging
import sys

if __name__ == "__main__":
    logging.disable(logging.WARNING)
    from apache_beam.runners.worker import sdk_worker_main

    sdk_worker_main.main(sys.argv)
