"""Which commits were undone by later ones, and what those say of the defect."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

MAX_REASON_CHARS = 2000
MAX_MERGED = 1000
"""Commits of one merge that are taken as undone with it."""
_HINT = re.compile(r"\b(?:revert|reapply|reinstate|back(?:s|ed)? ?out)", re.IGNORECASE)
_BACK_OUT = re.compile(r"back(?:s|ed)? ?out")
_NAMED = re.compile(
    r"(?<!partially )(?<!partly )\b(?:reverts?|reverted|reverting|undo(?:es)?|back(?:s|ed)? ?out)[ \t]*:?\s+"
    r"(?:the\s+|parts?\s+of\s+)?(?:commits?|changesets?|revisions?)?\s*:?\s*[\"'`(<\[]*"
    r"((?:[0-9a-f]{7,64}\b(?:\s*(?:,|and|&)\s*)?)+)",
    re.IGNORECASE,
)
_SHORTEST = 7
_SHA = re.compile(rf"[0-9a-f]{{{_SHORTEST},64}}")
_Names: TypeAlias = dict[str, list[tuple[str, int]]]
"""Commits with their positions, by the start of their shas that every mention has."""
_PARTIAL = re.compile(r"\b(?:partial(?:ly)?|partly|parts? of)\b", re.IGNORECASE)
_QUOTED = re.compile(r"(?:\[[^\]]*\]\s*)?(revert|reapply)[ \t]*:?[ \t]+[\"'“](.*)[\"'”][^\"'”]*$", re.IGNORECASE)
_CONVENTIONAL = re.compile(r"revert(?:\([^)]*\))?!?:[ \t]+(.*)$", re.IGNORECASE)
_SQUASH_NUMBER = re.compile(r"\s*\([#!]\d+\)\s*$")
_SENTENCE = re.compile(
    r"\bthis (?:partially )?reverts (?:the )?(?:commits?|merge)?\s*[0-9a-f]{7,64}(?:\s*(?:,|and)\s*[0-9a-f]{7,64})*"
    r"(?:,?\s*reversing\s+changes made\s+to\s+[0-9a-f]{7,64})?[ \t]*[.,:;]?",
    re.IGNORECASE,
)
_TRAILER = re.compile(
    r"^(?:(?:[A-Za-z][\w-]*-(?:by|id|on|url|from|to|cc)|cc|bug|issues?|refs?|pr|differential revision|reviewers|"
    r"subscribers)[ \t]*:|(?:fixes|closes|resolves)[ \t]*:?[ \t]*(?:#|http)).*$",
    re.IGNORECASE | re.MULTILINE,
)
_FROM = re.compile(r"^\(cherry picked from commit [0-9a-f]+\)\s*$", re.IGNORECASE | re.MULTILINE)
_AGAIN = re.compile(r"\b(?:re-?land|re-?apply)", re.IGNORECASE)


@dataclass(slots=True)
class Undone:
    """What a history's reverts come to.

    Attributes:
        by: of an undone commit's position, that of the commit that undoes it.
        reason: of an undoing commit's position, what it says of the defect.
        bearing: of a position, that of the last commit that undid or reinstated it.
    """

    by: dict[int, int] = field(default_factory=dict)
    reason: dict[int, str] = field(default_factory=dict)
    bearing: dict[int, int] = field(default_factory=dict)


def undone(shas: list[str], brought: dict[int, int], messages: Iterable[str]) -> Undone:
    """The commits that are undone at the end of a history.

    A revert of a revert reinstates what the first one undid. The revert of a merge undoes what the merge brought.

    Args:
        shas: in order of integration.
        brought: of a merge's position, the first position that came with it.
        messages: of all commits, in the same order.
    """
    found = Undone()
    subjects: list[str] = []
    hinting: dict[int, str] = {}
    for at, message in enumerate(messages):
        subjects.append(message.partition("\n")[0].strip())
        if _hints(message):
            hinting[at] = message
    names = _names(shas, hinting.values())
    latest: dict[str, int] = {}
    undoes: dict[int, list[int]] = {}
    redoes: dict[int, list[int]] = {}
    for at, subject in enumerate(subjects):
        if at in hinting:
            message = hinting[at]
            targets = _targets(message, subject, at, names, latest)
            if targets:
                _undo(found, at, targets, brought, undoes, redoes)
                text = reason(message)
                if text is not None:
                    found.reason[at] = text
        latest[subject] = at
    return found


def _names(shas: list[str], messages: Iterable[str]) -> _Names:
    """The commits that one of the messages may name."""
    named = {word[:_SHORTEST] for message in messages for word in _SHA.findall(message.lower())}
    names: _Names = {}
    for at, sha in enumerate(shas):
        if sha[:_SHORTEST] in named:
            names.setdefault(sha[:_SHORTEST], []).append((sha, at))
    return names


def _hints(message: str) -> bool:
    text = message.casefold()  # plain words are found much faster than the pattern, which nearly all messages lack
    if "revert" in text or "reapply" in text or "reinstate" in text or ("back" in text and _BACK_OUT.search(text)):
        return _HINT.search(message) is not None
    return False


def _undo(
    found: Undone, at: int, targets: list[int], brought: dict[int, int], undoes: dict[int, list[int]],
    redoes: dict[int, list[int]],
) -> None:  # fmt: skip
    for target in targets:
        for one in undoes.get(target, ()):  # a revert undone: what it undid is in force again
            if found.by.get(one) == target:
                del found.by[one]
                redoes.setdefault(at, []).append(one)
                found.bearing[one] = at
        merged = range(brought.get(target, target), target)
        again = [*redoes.get(target, ()), *(merged if len(merged) <= MAX_MERGED else ()), target]
        for one in again:
            found.by[one] = found.bearing[one] = at
            undoes.setdefault(at, []).append(one)


def _targets(message: str, subject: str, at: int, names: _Names, latest: dict[str, int]) -> list[int]:
    """Positions before `at` of the commits that the message says it undoes: by name, else by subject."""
    if _AGAIN.match(subject) and not _QUOTED.match(subject):
        return []  # names what was undone before, and does it again
    words = [word for match in _NAMED.finditer(message) for word in _SHA.findall(match[1].lower())]
    named = [found for word in words if (found := _named(word, at, names)) is not None]
    if named:
        return list(dict.fromkeys(named))
    if _PARTIAL.search(subject):
        return []
    quoted, conventional = _QUOTED.match(subject), _CONVENTIONAL.match(subject)
    if quoted and quoted[1].lower() == "reapply":
        wanted = [f'Revert "{quoted[2]}"']
    elif quoted:
        wanted = [quoted[2], f'Reapply "{_inner(quoted[2])}"' if _inner(quoted[2]) else ""]
    elif conventional:
        wanted = [conventional[1], _SQUASH_NUMBER.sub("", conventional[1])]
    else:
        return []
    return [latest[one] for one in wanted if one and one in latest][:1]


def _inner(subject: str) -> str:
    again = _QUOTED.match(subject)
    return again[2] if again else ""


def _named(word: str, at: int, names: _Names) -> int | None:
    """The one commit before `at` whose sha starts with `word`."""
    alike = names.get(word[:_SHORTEST], ())
    found = [position for sha, position in alike if position < at and sha.startswith(word)]
    return found[0] if len(found) == 1 else None


def reason(message: str) -> str | None:
    """What the message of a revert says besides what git and review tools write by themselves; None for nothing."""
    subject, _, body = message.strip().partition("\n")
    own = "" if _QUOTED.match(subject) or _CONVENTIONAL.match(subject) else subject
    text = f"{own}\n{body}"
    for pattern in (_FROM, _TRAILER, _SENTENCE):
        text = pattern.sub("", text)
    text = re.sub(r"\n{3,}", "\n\n", text)
    text = "\n".join(line.strip() for line in text.split("\n")).strip().lstrip(".,;:)]\"' \n").strip()
    return text[:MAX_REASON_CHARS] if re.search(r"[^\W\d_]{2}", text) else None
