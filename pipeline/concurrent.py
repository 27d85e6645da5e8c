"""Expand records with a coroutine that waits for others' servers: many at once, nothing lost, in bounded memory.

A worker has one event loop in a thread of its own. A bundle's records are handed to it as they come; when as many as
allowed are under way, the next one waits, so a slow server slows down what is read before it.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, TypeVar

import apache_beam as beam
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.windowed_value import WindowedValue

from pipeline.beam import dead
from pipeline.progress import tick
from schemas.errors import ConfigError
from schemas.records import Dead, Dropped
from synthesis.calls import Answer, Caller, Request, ServerUnavailable

T = TypeVar("T")

Work = Callable[[Any, Caller], Awaitable[list[Any]]]
"""From a record and what answers its calls to its children, of which some may be `Dropped` or `Dead`."""

FATAL = (ServerUnavailable, ConfigError)
"""What no other record would fare better with: the stage ends, to be gone on with later."""


class Loop:
    """An event loop in a thread of its own, with a caller that is open as long as it runs."""

    def __init__(self, caller: AbstractAsyncContextManager[Caller]) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="model calls", daemon=True)
        self._thread.start()
        self._stack = AsyncExitStack()
        try:
            self.caller = self.submit(self._stack.enter_async_context(caller)).result()
        except BaseException:
            self._stop()
            raise

    def submit(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        """Begin `work` there."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self) -> None:
        """Close the caller, and end the thread."""
        try:
            self.submit(self._stack.aclose()).result()
        finally:
            self._stop()

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Heard:
    """A caller that remembers what it was asked for one record, and the answers."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.calls: list[tuple[Request, Answer]] = []

    async def ask(self, request: Request) -> Answer:
        """See `Caller.ask`."""
        answer = await self.caller.ask(request)
        self.calls.append((request, answer))
        return answer


class ExpandConcurrently(beam.DoFn):
    """Apply a coroutine to each record; outputs `kept` (main), `dropped`, `dead`, `counts` and `calls`.

    Args:
        stage: name of the stage, for reasons and counters.
        work: from a record to its children; an exception sends the record to the dead letters, one of `FATAL` ends
            the stage.
        caller: opens what answers calls, once a worker.
        row: from a call to what `calls` gives.
        in_flight: records under way at once.
    """

    def __init__(
        self,
        stage: str,
        work: Work,
        caller: Callable[[], AbstractAsyncContextManager[Caller]],
        row: Callable[[Request, Answer], Any],
        in_flight: int,
    ) -> None:
        self.stage = stage
        self.work = work
        self.caller = caller
        self.row = row
        self.in_flight = in_flight
        self.counts: Counter[str] = Counter()
        self.loop: Loop | None = None
        self.pending: dict[Future[Any], Any] = {}

    def setup(self) -> None:
        """Open the caller."""
        self.loop = Loop(self.caller())

    def teardown(self) -> None:
        """Close the caller; what is still under way is given up."""
        for future in self.pending:
            future.cancel()
        if self.loop is not None:
            self.loop.close()
        self.loop = None

    def start_bundle(self) -> None:
        """Begin to count anew."""
        self.counts = Counter()
        self.pending = {}

    def process(self, record: Any) -> Iterator[Any]:
        """Begin one record, and give out what is done."""
        assert self.loop is not None
        self.counts["in"] += 1
        heard = Heard(self.loop.caller)
        self.pending[self.loop.submit(self._children(record, heard))] = (record, heard)
        if len(self.pending) >= self.in_flight:
            yield from self._done()

    def finish_bundle(self) -> Iterator[Any]:
        """Wait for what is under way, and give out the counts."""
        while self.pending:
            for value in self._done():
                yield _untimed(value)
        for item in self.counts.items():
            yield _untimed(beam.pvalue.TaggedOutput("counts", item))

    async def _children(self, record: Any, caller: Caller) -> list[Any]:
        return await self.work(record, caller)

    def _done(self) -> Iterator[Any]:
        """Outputs of the records that are done, at least one.

        Raises:
            ServerUnavailable, ConfigError: as the work raises it; the others under way are given up.
        """
        finished, _ = wait(self.pending, return_when=FIRST_COMPLETED)
        for future in finished:
            record, heard = self.pending.pop(future)
            tick(self.stage)
            error = future.exception()
            if isinstance(error, FATAL) or not isinstance(error, Exception | None):
                for other in self.pending:
                    other.cancel()
                self.pending = {}
                raise error
            for request, answer in heard.calls:
                yield beam.pvalue.TaggedOutput("calls", self.row(request, answer))
            if error is not None:
                self.counts["dead_in"] += 1
                yield beam.pvalue.TaggedOutput("dead", dead(self.stage, error, record))
            else:
                self.counts["expanded"] += 1
                yield from map(self._child, future.result())

    def _child(self, child: Any) -> Any:
        self.counts["children"] += 1
        if isinstance(child, Dropped):
            return beam.pvalue.TaggedOutput("dropped", child)
        return beam.pvalue.TaggedOutput("dead", child) if isinstance(child, Dead) else child


def _untimed(value: Any) -> Any:
    """An output of the end of a bundle, which has no element's window to go by."""
    tag = value.tag if isinstance(value, beam.pvalue.TaggedOutput) else None
    inner = value.value if tag is not None else value
    windowed = WindowedValue(inner, GlobalWindow().max_timestamp(), [GlobalWindow()])
    return windowed if tag is None else beam.pvalue.TaggedOutput(tag, windowed)
