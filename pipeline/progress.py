"""What the terminal shows while a stage works: a rate and an estimate, or plain lines where there is no terminal.

Workers in this process tick a counter; a runner elsewhere leaves it at zero and only the elapsed time shows.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

TICKS: Counter[str] = Counter()
TOTALS: dict[str, tuple[int | None, str]] = {}
_PLAIN_EVERY_S = 15.0


def tick(stage: str) -> None:
    """Count one record done in `stage`."""
    TICKS[stage] += 1


def advance(stage: str, done: int, total: int | None, label: str) -> None:
    """Say how far a stage is, where it knows better than its caller: `done` of `total` of `label`."""
    TICKS[stage] = done
    TOTALS[stage] = (total, label)


@contextmanager
def stage_progress(console: Console, stage: str, label: str, total: int | None) -> Iterator[None]:
    """Show the progress of `stage` until the block ends.

    Args:
        console: where to.
        stage: what workers tick.
        label: what is counted, such as `files`.
        total: how many there are, where it is known.
    """
    TICKS[stage] = 0
    TOTALS[stage] = (total, label)
    done = threading.Event()
    started = time.monotonic()
    watcher = threading.Thread(target=_watch, args=(console, stage, done, started), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _watch(console: Console, stage: str, done: threading.Event, started: float) -> None:
    if not console.is_terminal:
        while not done.wait(_PLAIN_EVERY_S):
            console.print(_plain(stage, started), highlight=False)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(f"{stage:<11}", total=None, rate="")
        while not done.wait(0.2):
            total, label = TOTALS[stage]
            rate = _rate(TICKS[stage], max(time.monotonic() - started, 0.1))
            bar.update(task, total=total, completed=TICKS[stage], rate=f"{TICKS[stage]:,} {label}, {rate}")


def _plain(stage: str, started: float) -> str:
    elapsed = time.monotonic() - started
    count = TICKS[stage]
    total, label = TOTALS[stage]
    if not count:
        return f"{stage}: {elapsed:.0f} s"
    text = f"{stage}: {count:,}{f' of {total:,}' if total else ''} {label}, {_rate(count, elapsed)}"
    if total and count < total:
        text += f", about {elapsed / count * (total - count):.0f} s to go"
    return text


def _rate(count: int, elapsed: float) -> str:
    return f"{count / elapsed:,.0f}/s" if count > elapsed or not count else f"{elapsed / count:,.0f} s each"
