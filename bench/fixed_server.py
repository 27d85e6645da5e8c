"""A server that answers every chat completion with the same words after a fixed time, from a fixed number of slots.

Usage: python -m bench.fixed_server LATENCY_MS SLOTS. It prints its port, then serves until its standard input ends.
`GET /busy` tells, and sets back, how many slot-seconds were in use and over which time: {"slot_s": ..., "wall_s": ...}.
"""

import asyncio
import json
import sys
import time

TEXT = json.dumps({"rationale": "One adds the values up, and the other one takes them away. " * 4, "verdict": "TIE"})


class Slots:
    """What is served at once, and how long each slot was busy.

    Attributes:
        latency_s: of one answer.
        free: the slots.
        slot_s: seconds in use, summed over slots.
        since: when counting began; None until the first request.
        last: when the last answer was ready.
    """

    def __init__(self, latency_s: float, slots: int) -> None:
        self.latency_s = latency_s
        self.free = asyncio.Semaphore(slots)
        self.slot_s = 0.0
        self.since: float | None = None
        self.last = 0.0

    async def answer(self, body: bytes) -> bytes:
        """The answer to one chat completion, after its time in a slot."""
        if self.since is None:
            self.since = time.monotonic()
        async with self.free:
            await asyncio.sleep(self.latency_s)
            self.slot_s += self.latency_s
            self.last = time.monotonic()
        said = {"role": "assistant", "content": TEXT}
        return json.dumps(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "model": json.loads(body)["model"],
                "choices": [{"index": 0, "message": said, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": len(body) // 4, "completion_tokens": len(TEXT) // 4},
            }
        ).encode()

    def busy(self) -> bytes:
        """What `GET /busy` tells."""
        told = {"slot_s": self.slot_s, "wall_s": self.last - self.since if self.since is not None else 0.0}
        self.slot_s, self.since = 0.0, None
        return json.dumps(told).encode()


async def serve_one(slots: Slots, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one connection's requests, one after another, until it is closed."""
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            lines = head.decode("latin-1").split("\r\n")
            length = next((int(line[15:]) for line in lines if line.lower().startswith("content-length:")), 0)
            body = await reader.readexactly(length)
            path = lines[0].split(" ")[1]
            if path == "/busy":
                told = slots.busy()
            elif path == "/version":
                told = b'{"version": "fixed"}'
            else:
                told = await slots.answer(body)
            start = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(told)}\r\n\r\n"
            writer.write(start.encode() + told)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def serve(latency_s: float, slots: int) -> None:
    """Serve on a free port of the loopback until standard input ends."""
    state = Slots(latency_s, slots)
    server = await asyncio.start_server(lambda r, w: serve_one(state, r, w), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1]) / 1000, int(sys.argv[2])))
