"""Hand-labelled cases of a filter: their texts are found again in installed packages, never kept here.

A row of `tests/data/labelled/<name>.jsonl` is `{"where", "sha256", "label", "note"}`. `where` is a file under
`site-packages/` or `python/` (the standard library), and after a `#` the part that is meant: nothing for all of it,
`L10-20` for lines, `A.f` for a definition's source, `A.f.__doc__` or `__doc__` for its documentation, cleaned. Rows of
other origins (`pypi:`, `npm:`, `debian:`, `git:`) are counted in the documentation and are not run here.
"""

import ast
import hashlib
import inspect
import io
import json
import re
import sys
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path

import pytest

DATA = Path(__file__).parent.parent / "data" / "labelled"
CONSTRAINTS = Path(__file__).parent.parent.parent / "constraints.txt"
FEWEST = 50
"""Cases below which a figure says nothing."""

_LINES = re.compile(r"L(\d+)-(\d+)")
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Case:
    """One labelled text.

    Attributes:
        where: as in the row.
        path: of the file, below `site-packages/` or `python/`.
        text: what was read and labelled.
        label: whether the filter should refuse it.
        sha256: of the text, in hexadecimal.
    """

    where: str
    path: str
    text: str
    label: bool
    sha256: str

    @property
    def tuned(self) -> bool:
        """Whether the filter was tuned on it: the hash's first digit is even."""
        return int(self.sha256[0], 16) % 2 == 0


@dataclass(frozen=True, slots=True)
class Figures:
    """How a filter's refusals stand to the labels.

    Attributes:
        precision: labelled true among those refused; 1 where none was.
        recall: refused among those labelled true; 1 where there are none.
        wrong: `where` of each case that the filter has wrong.
    """

    precision: float
    recall: float
    wrong: tuple[str, ...]


def score(cases: list[Case], refuses: Callable[[Case], bool]) -> Figures:
    """Precision and recall of `refuses` on `cases`."""
    said = [refuses(case) for case in cases]
    both = sum(yes and case.label for yes, case in zip(said, cases, strict=True))
    wrong = tuple(case.where for yes, case in zip(said, cases, strict=True) if yes != case.label)
    true = sum(case.label for case in cases)
    return Figures(both / sum(said) if any(said) else 1.0, both / true if true else 1.0, wrong)


def found(name: str) -> list[Case]:
    """The cases of `name` that this environment holds; the running test fails where they are too few to tell."""
    cases = [case for case in _looked_for(name) if isinstance(case, Case)]
    if len(cases) < FEWEST:
        pytest.fail(f"{name}: {len(cases)} cases found in the installed packages, at least {FEWEST}")
    return cases


def away(name: str) -> list[str]:
    """Each package of a list's rows that isn't installed as pinned."""
    return sorted({why for why in _looked_for(name) if isinstance(why, str)})


@cache
def _looked_for(name: str) -> tuple[Case | str, ...]:
    return tuple(map(resolve, rows(name)))


def rows(name: str) -> list[dict[str, object]]:
    """The rows of one file, in order; only those that can be looked for here."""
    lines = (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if str(row["where"]).startswith(("site-packages/", "python/"))]


def resolve(row: dict[str, object]) -> Case | str:
    """The row's case; or why it isn't here: the package is absent or of another version.

    Raises:
        AssertionError: the package is as pinned, but the text isn't what was labelled.
    """
    where = str(row["where"])
    path, _, part = where.partition("#")
    missing = _missing(path)
    text = None if missing else text_of(path, part)
    digest = text is not None and hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    if text is not None and digest == row["sha256"]:
        return Case(where, path.partition("/")[2], text, bool(row["label"]), str(digest))
    if missing is None and path.startswith("python/"):
        missing = f"another standard library than 3.11's ({sys.version.split()[0]})"
    assert missing is not None, f"{where}: not the text that was labelled"
    return missing


def text_of(path: str, part: str) -> str | None:
    """The text that a row means, or None where there is no such file or definition."""
    file = _base(path) / path.partition("/")[2]
    try:
        text = file.read_bytes().decode("utf-8", "replace")
    except OSError:
        return None
    lines = _LINES.fullmatch(part)
    if not part:
        return text
    if lines:
        return "".join(io.StringIO(text).readlines()[int(lines[1]) - 1 : int(lines[2])])
    return definitions(text).get(part)


@cache
def definitions(source: str) -> dict[str, str]:
    """Each definition's source by qualified name, and each documentation by that name and `.__doc__`; first wins."""
    tree = ast.parse(source)
    lines = io.StringIO(source).readlines()
    texts = {} if (doc := ast.get_docstring(tree)) is None else {"__doc__": doc}
    for name, node in _named(tree, ""):
        first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
        texts.setdefault(name, inspect.cleandoc("\n" + "".join(lines[first - 1 : node.end_lineno])))
        if (doc := ast.get_docstring(node)) is not None:
            texts.setdefault(f"{name}.__doc__", doc)
    return texts


def _named(node: ast.AST, prefix: str) -> Iterator[tuple[str, _Definition]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _Definition):
            yield prefix + child.name, child
            yield from _named(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):
            yield from _named(child, prefix)


def _base(path: str) -> Path:
    kind = "stdlib" if path.startswith("python/") else "purelib"
    return Path(sysconfig.get_paths()[kind])


@cache
def _missing(path: str) -> str | None:
    """Why the package of `path` isn't here as constraints.txt pins it, or None."""
    kind, top = path.split("/")[:2]
    if kind == "python":
        return None
    owners = _owners().get(top.removesuffix(".py"), [])
    for owner in owners:
        try:
            if f"{_plain(owner)}=={version(owner)}" in _pins():
                return None
        except PackageNotFoundError:
            continue
    return f"{top} isn't installed as pinned"


@cache
def _owners() -> dict[str, list[str]]:
    return {top: list(names) for top, names in packages_distributions().items()}


@cache
def _pins() -> frozenset[str]:
    pins = (line.partition("==") for line in CONSTRAINTS.read_text(encoding="utf-8").splitlines() if "==" in line)
    return frozenset(f"{_plain(name)}=={pinned}" for name, _, pinned in pins)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.strip().lower())
