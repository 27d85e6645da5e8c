"""A reward model behind an OpenAI-compatible chat API, which answers a conversation with its score.

The server gets system prompt, request and answer as messages. Some servers write the score into the message (`-3.5`
or `reward:-3.5`, attributes separated by commas), others list attributes as tokens whose log-probability is the value
(NVIDIA's API serves Nemotron-4-340B-Reward so). A server that only writes words is asked by `rubric` or
`token_logprob` with `server`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from pipeline.evaluation.scorers.base import Score
from pipeline.evaluation.scorers.generation import GenerationOptions, ServerOptions
from pipeline.evaluation.scorers.judging.prompts import Conversation, Prompt
from pipeline.evaluation.scorers.judging.served import ServedModel
from pipeline.evaluation.scorers.judging.tokens import Token

MAX_CHARS = 4_000
_NUMBER = r"[+-]?\d{1,15}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,2})?"
_BARE = re.compile(_NUMBER)
_NAMED = re.compile(rf"([A-Za-z][A-Za-z0-9_ -]{{0,60}}?)\s{{0,5}}[:=]\s{{0,5}}({_NUMBER})")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A reward model on a server.

    Attributes:
        model: asked for scores.
        prompt: the conversation that is scored.
        options: of scoring.
    """

    model: ServedModel
    prompt: Prompt
    options: "EndpointOptions"

    def score(self, prompts: Sequence[str], answers: Sequence[str], criteria: Sequence[str]) -> list[Score]:
        """Scores as the server gives them; None where an answer holds none, or its call failed."""
        o = self.options
        asked = [
            Conversation(o.fill(self.prompt, key, {"prompt": prompt, "answer": answer}))
            for prompt, answer, key in zip(prompts, answers, criteria, strict=True)
        ]
        if o.read == "message":
            return [None if said is None else read_message(said, o.attribute) for said in self.model.say(asked)]
        found = self.model.tokens(asked, o.max_new_tokens)
        return [None if tokens is None else read_attribute(tokens, o.attribute) for tokens in found]


def read_message(text: str, attribute: str) -> float | None:
    """The number that is a whole message, or that it gives to an attribute.

    Args:
        text: the message: one number, or `name: number` once or several times, separated by commas, semicolons or
            line ends, and nothing else.
        attribute: the name that counts, whatever its letters' case; a bare number needs none.

    Returns:
        None where the message is anything else, or has the attribute not exactly once.
    """
    bare = text.strip()
    if len(bare) > MAX_CHARS:
        return None
    if _BARE.fullmatch(bare):
        return float(bare)
    parts = [_NAMED.fullmatch(part.strip()) for part in re.split(r"[,;\n]", bare) if part.strip()]
    found = [float(part[2]) for part in parts if part and part[1].casefold() == attribute.casefold()]
    return found[0] if len(found) == 1 and all(parts) else None


def read_attribute(tokens: Sequence[Token], attribute: str) -> float | None:
    """The value that a list of attributes gives as log-probability; None unless the attribute is there once."""
    found = [one.logprob for one in tokens if one.text.strip().casefold() == attribute.casefold()]
    return found[0] if len(found) == 1 else None


class EndpointOptions(GenerationOptions):
    """A reward model behind a chat API.

    Attributes:
        server: where it is.
        read: the score is in the message's text, or an attribute's log-probability.
        attribute: whose value is the score.
        max_new_tokens: that the score may take.
    """

    kind: Literal["endpoint"] = "endpoint"
    server: ServerOptions = ServerOptions()
    read: Literal["message", "logprob"] = "message"
    attribute: str = Field(default="reward", min_length=1)
    max_new_tokens: int = Field(default=64, ge=1)

    def load(self, model: str) -> Endpoint:
        """The scorer; nothing is asked yet.

        Args:
            model: its name on the server.

        Raises:
            ConfigError: the template can't be read.
        """
        return Endpoint(self.served(model), self.prompt("conversation.jinja"), self)
