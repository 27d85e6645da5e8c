"""One row of the table of published models, and what most rows share."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PublishedModel:
    """One published model.

    Attributes:
        model: hub id.
        run: name of its run in the release.
        options: of its scorer (a `ScorerOptions`), as published.
        note: what is our reading and not a stated fact; empty for nothing.
    """

    model: str
    run: str
    options: Any
    note: str = ""


MAX_TOKENS = 4096
"""Of every script that runs a model in its own process."""

OWN = "The run's system prompt is not recorded: the criterion's own, by the scripts' header."
"""A note: what most models' prompt is read as."""


def read_by(kind: Any, model: str, note: str, run: str = "", **settings: Any) -> PublishedModel:
    """A model that an options class of a scorer reads, cut at the scripts' bound.

    Args:
        kind: the options class.
        model: hub id.
        note: what is our reading.
        run: name of the run; by default the hub id's last part.
        settings: of the options.
    """
    return PublishedModel(model, run or model.split("/")[1], kind(max_tokens=MAX_TOKENS, **settings), note)
