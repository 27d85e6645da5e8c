"""What a mutation operator is, and what makes a mutant of it.

An operator looks at one parsed function and yields sites: each a set of edits that changes the code in exactly one
named way. It yields whatever fits its preconditions; `mutant` checks every site the same way and refuses the unfit.
"""

import inspect
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from parsers.functions import Snippet, parse_snippet
from parsers.syntax import Function, Syntax, error_bytes
from schemas.errors import ParseRefused

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace the bytes `start:end` of the parsed text by `text`; `start == end` inserts."""

    start: int
    end: int
    text: str


Site: TypeAlias = tuple[Edit, ...]
"""Edits that belong together, not overlapping."""

Sites: TypeAlias = Callable[[Syntax, Function], Iterator[Site]]


@dataclass(frozen=True, slots=True)
class Operator:
    """One named way to change code.

    Attributes:
        name: the function's name; what provenance records and reports count by.
        kind: `defect` (worse), `repair` (better) or `placebo` (neither).
        criterion: key of the one criterion that it worsens or betters; empty for a placebo.
        family: what operators of one idea share; a family is held out of training as a whole.
        blatant: whether a reviewer sees it at a glance; the others are subtle.
        defect: what makes it a defect (for a repair: what was amiss; for a placebo: what it changes), the docstring's
            first line.
        reference: CWE number, complexity argument, or style rule behind the claim.
        languages: released names that it applies to; empty for every language whose queries it finds.
        version: raised when its sites or edits change.
        sites: finds the places.
    """

    name: str
    kind: str
    criterion: str
    family: str
    blatant: bool
    defect: str
    reference: str
    languages: tuple[str, ...]
    version: str
    sites: Sites


def operator(
    criterion: str,
    reference: str,
    languages: tuple[str, ...] = (),
    version: str = "1",
    *,
    family: str = "",
    blatant: bool = False,
) -> Callable[[Sites], Operator]:
    """Make a defect of a function from (syntax, function) to sites; its docstring says what is wrong then.

    Args:
        criterion: key of the criterion that it worsens.
        reference: what backs the claim.
        languages: released names; empty for every one whose queries it finds.
        version: raised when its sites or edits change.
        family: what operators of one idea share; its own name by default.
        blatant: whether a reviewer sees it at a glance.
    """
    return _made("defect", criterion, reference, languages, version, family, blatant)


def repair(
    criterion: str, reference: str, languages: tuple[str, ...] = (), version: str = "1", *, family: str = ""
) -> Callable[[Sites], Operator]:
    """Make a repair of a function that finds the defect in human code and takes it out; arguments as `operator`'s."""
    return _made("repair", criterion, reference, languages, version, family, blatant=False)


def placebo(reference: str, languages: tuple[str, ...] = (), version: str = "1") -> Callable[[Sites], Operator]:
    """Make a placebo of a function whose edits change neither meaning nor quality; arguments as `operator`'s."""
    return _made("placebo", "", reference, languages, version, "placebo", blatant=False)


def _made(
    kind: str, criterion: str, reference: str, languages: tuple[str, ...], version: str, family: str, blatant: bool
) -> Callable[[Sites], Operator]:
    def wrap(sites: Sites) -> Operator:
        defect = (inspect.getdoc(sites) or "").split("\n")[0]
        name = sites.__name__
        return Operator(name, kind, criterion, family or name, blatant, defect, reference, languages, version, sites)

    return wrap


@dataclass(frozen=True, slots=True)
class Mutant:
    """A function changed in one way.

    Attributes:
        operator: what made it.
        code: the whole function, edited.
        edits: in coordinates of the original function's UTF-8 bytes, in order, none touching; `inverse` undoes them.
    """

    operator: Operator
    code: str
    edits: Site


def merged(edits: Iterable[Edit]) -> Site:
    """The same edits, those that touch made one: two that end empty at one place could not be undone in order."""
    made: list[Edit] = []
    for edit in sorted(edits):
        if made and made[-1].end == edit.start:
            made[-1] = Edit(made[-1].start, edit.end, made[-1].text + edit.text)
        else:
            made.append(edit)
    return tuple(made)


def apply(code: str, edits: Site) -> str:
    """`code` with `edits` made; spans count UTF-8 bytes of `code`."""
    data = code.encode("utf-8")
    for edit in sorted(edits, reverse=True):
        data = data[: edit.start] + edit.text.encode("utf-8") + data[edit.end :]
    return data.decode("utf-8")


def inverse(code: str, edits: Site) -> Site:
    """Edits that turn the edited text back into `code`."""
    data = code.encode("utf-8")
    undo, shift = [], 0
    for edit in sorted(edits):
        size = len(edit.text.encode("utf-8"))
        undo.append(Edit(edit.start + shift, edit.start + shift + size, data[edit.start : edit.end].decode("utf-8")))
        shift += size - (edit.end - edit.start)
    return tuple(undo)


def mutants(
    language: str, code: str, operators: tuple[Operator, ...], protected: frozenset[str] = frozenset()
) -> list[Mutant]:
    """Every fit mutant of one function, by the order of `operators`, then of the text; no two of the same code.

    Args:
        language: released name.
        code: one function, as `parsers.functions.snippet` cuts it.
        operators: those to try.
        protected: words that the prompt names or quotes.

    Raises:
        ParseRefused: `code` is outside the bounds, or holds no function.
    """
    original = parse_snippet(language, code)
    seen = set()
    found = []
    for one in operators:
        for site in sites(one, language, original):
            made = mutant(one, language, code, original, site, protected)
            if made is not None and _folded(made.code) not in seen:
                seen.add(_folded(made.code))
                found.append(made)
    return found


def sites(one: Operator, language: str, original: Snippet) -> list[Site]:
    """Places where an operator applies, not yet checked; none where it is not for this language."""
    if one.languages and language not in one.languages:
        return []
    return list(one.sites(original.syntax, original.function))


def mutant(
    one: Operator, language: str, code: str, original: Snippet, site: Site, protected: frozenset[str]
) -> Mutant | None:
    """The mutant at one site, or None where it is unfit.

    It is fit when it differs beyond white space, parses with no more error bytes than the original, and removes no
    word of `protected`.
    """
    edits = shifted(site, original)
    if edits is None:
        return None
    mutated = apply(code, edits)
    if _folded(mutated) == _folded(code) or _removes(code, mutated, protected):
        return None
    try:
        parsed = parse_snippet(language, mutated)
    except ParseRefused:
        return None
    if error_bytes(parsed.syntax.root) > error_bytes(original.syntax.root):
        return None
    return Mutant(one, mutated, edits)


def shifted(site: Site, original: Snippet) -> Site | None:
    """The site in coordinates of the function's own code, edits that touch made one.

    None where it is empty, overlaps, or leaves the function.
    """
    edits = merged(Edit(e.start - original.offset, e.end - original.offset, e.text) for e in site)
    size = len(original.syntax.data) - original.offset - original.tail
    inside = all(0 <= e.start <= e.end <= size for e in edits)
    apart = all(a.end < b.start for a, b in pairwise(edits))
    return edits if edits and inside and apart else None


def _removes(code: str, mutated: str, protected: frozenset[str]) -> bool:
    """Whether a protected word is there less often than before; whole words, wherever in one the edit begins."""
    if not protected:
        return False
    fewer = Counter(_WORD.findall(code)) - Counter(_WORD.findall(mutated))
    return not protected.isdisjoint(fewer)


def _folded(code: str) -> str:
    return " ".join(code.split())
