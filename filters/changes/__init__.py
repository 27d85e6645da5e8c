"""Cheap filters of a change, one file each: why a commit can't make a pair, before anything costly looks at it."""

from collections.abc import Sequence
from typing import Annotated, TypeAlias

from pydantic import Field

from filters.base import Refusal
from filters.changes.bots import Bots
from filters.changes.comments import Comments
from filters.changes.documents import Documents
from filters.changes.examples import Examples
from filters.changes.generated import GeneratedFile
from filters.changes.giant import Giant
from filters.changes.identical import IdenticalSides
from filters.changes.imports import Imports
from filters.changes.intents import Intents
from filters.changes.language import MessageLanguage
from filters.changes.lint import Lint
from filters.changes.merges import Merges
from filters.changes.pull_request import PullRequest
from filters.changes.refixed import Refixed
from filters.changes.releases import Releases
from filters.changes.reputation import Reputation
from filters.changes.reverted import Reverted
from filters.changes.reverts import Reverts
from filters.changes.size import Size
from filters.changes.strings import Strings
from filters.changes.testing import InTests
from filters.changes.typos import Typos
from filters.changes.unfinished import Unfinished
from filters.changes.vague import Vague
from filters.changes.vendored import Vendored
from filters.changes.versions import Versions
from filters.changes.whitespace import Whitespace
from parsers.edits import Edit
from schemas.records import Change

AnyChangeFilter: TypeAlias = Annotated[
    Bots
    | Comments
    | Documents
    | Examples
    | GeneratedFile
    | Giant
    | IdenticalSides
    | Imports
    | Intents
    | Lint
    | Merges
    | MessageLanguage
    | PullRequest
    | Refixed
    | Releases
    | Reputation
    | Reverted
    | Reverts
    | Size
    | Strings
    | InTests
    | Typos
    | Unfinished
    | Vague
    | Vendored
    | Versions
    | Whitespace,
    Field(discriminator="kind"),
]
"""Every filter of changes, told apart by its `kind`."""

DEFAULT_CHANGE_FILTERS: tuple[AnyChangeFilter, ...] = (
    Giant(),
    Reverted(),
    Refixed(),
    Reputation(),
    InTests(),
    Vendored(),
    Examples(),
    Merges(),
    Reverts(),
    Unfinished(),
    Bots(),
    Releases(),
    Lint(),
    Vague(),
    Intents(),
    MessageLanguage(),
    GeneratedFile(),
    Size(),
    Versions(),
    IdenticalSides(),
    Documents(),
    Typos(),
    Whitespace(),
    Comments(),
    Imports(),
    Strings(),
)
"""In order of cost: what is known, paths, messages, lines, trees. `pull_request` is only there when asked for."""

_ASK_FOR_INTENT = (Bots, Intents, Lint, MessageLanguage, Releases, Size, Unfinished, Vague)


def first_refusal(change: Change, edit: Edit, filters: Sequence[AnyChangeFilter]) -> Refusal | None:
    """What the first filter that refuses a change says; None where all keep it.

    Filters that doubt its one intent, by its message or its size, are not asked where its source names its CVE.

    Raises:
        ParseRefused: a filter needs a tree, and a side is outside the parser's bounds.
    """
    for one in filters:
        if change.facts.cves and isinstance(one, _ASK_FOR_INTENT):
            continue
        refusal = one.refuse(change, edit)
        if refusal is not None:
            return refusal
    return None
