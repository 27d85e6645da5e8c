"""Callers that answer in process, for the tests of the tasks."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from synthesis.calls import Answer, Request

Reply = str | Answer | Exception


def answer(text: str, finish: str = "stop") -> Answer:
    return Answer(text, finish, 1, 1, 0.0, "m", "", 0)


@dataclass
class Scripted:
    """Answers each request by a function of it, or by the next of a list; keeps what it was asked."""

    replies: Callable[[Request], Reply] | list[Reply]
    asked: list[Request] = field(default_factory=list)

    async def ask(self, request: Request) -> Answer:
        self.asked.append(request)
        reply = self.replies(request) if callable(self.replies) else self.replies[len(self.asked) - 1]
        if isinstance(reply, Exception):
            raise reply
        return answer(reply) if isinstance(reply, str) else reply


def said(**values: object) -> str:
    return json.dumps(values)


def user(request: Request) -> str:
    """The task's own message."""
    return request.messages[1][1]
