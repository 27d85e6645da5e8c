"""What the compilers and interpreters on this machine say of a file. They parse and check; nothing is ever run."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.toolchain_programs import GO, JAVA, PYTHON

_START_S = 120.0
_FILE_S = 60.0
_BATCH_FILE_S = 5.0
_MAX_FOLDERS = 12
_KEPT = ("PATH", "HOME", "JAVA_HOME", "GOROOT", "GOCACHE", "SYSTEMROOT")


@dataclass(frozen=True, slots=True)
class Toolchain:
    """How one language's files are checked.

    Attributes:
        program: what must be found on the machine; an absolute path, or a name that PATH knows.
        arguments: argument list after it. `{programs}` stands for the folder of our own small programs, `{list}` for
            the list of a batch, `{empty}` for an empty folder; the files' paths follow where `{list}` is not there.
        batch: files that one process takes.
        start: program to start instead of `program`, where that one only shows that the toolchain is whole.
        own: our own small program, by file name; empty for none.
        source: its text.
        blames: finds (file, complaint) in a line of output; empty where a process takes one file.
        include: whether the folders around a file are given as `-iquote` and `-I`.
        tolerant: whether complaints of the original are borne, and only new ones count: for a checker that sees types,
            and so complains of whatever is not at hand.
        folds: what does not tell two complaints of a tolerant one apart: of `a != b` where a's type is not at hand it
            says another thing than of `a == b`.
        checks: what a pass means, for reports.
    """

    program: str
    arguments: tuple[str, ...]
    batch: int = 1
    start: str = ""
    own: str = ""
    source: str = ""
    blames: str = ""
    include: bool = False
    tolerant: bool = False
    folds: str = ""
    checks: str = "syntax"


_TELLS = re.compile(r"(?i)error|no answer")
_TABBED = r"(?P<path>[^\t]+)\t(?P<said>.+)"
_C = ("-fsyntax-only", "-w", "-fmax-errors=20", "-x")

TOOLCHAINS: dict[str, Toolchain] = {
    "C": Toolchain("gcc", (*_C, "c"), include=True, checks="syntax, names and types"),
    "C#": Toolchain("mcs", ("--parse",)),
    "C++": Toolchain("g++", (*_C, "c++"), include=True, checks="syntax, names and types"),
    "Go": Toolchain(
        "go", ("run", "{programs}/complaints.go", "{list}"), batch=200, own="complaints.go", source=GO, blames=_TABBED,
        tolerant=True, folds=r"[=!<>&|]+", checks="syntax, names and types of the package",
    ),
    "Java": Toolchain(
        "javac", ("{programs}/Complaints.java", "{list}", "{empty}"), batch=200, start="java", own="Complaints.java",
        source=JAVA, blames=_TABBED, tolerant=True, folds=r"\([^()]*\)", checks="syntax, names and flow of the file",
    ),
    "JavaScript": Toolchain("node", ("--check",)),
    "Python": Toolchain(
        sys.executable, ("-I", "{programs}/complaints.py", "{list}"), batch=200, own="complaints.py", source=PYTHON,
        blames=_TABBED,
    ),
    "Ruby": Toolchain("ruby", ("-c",)),
}  # fmt: skip
"""Language to what checks it. Further languages are not checked."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text to check in the place of a file.

    Attributes:
        path: absolute path of the file whose place it takes; that file's neighbours are seen, it is not.
        root: absolute path of the folder up to which include folders are sought.
        text: the file's text.
    """

    path: Path
    root: Path
    text: str


def present(language: str) -> bool:
    """Whether the toolchain of a language is on this machine."""
    known = TOOLCHAINS.get(language)
    return known is not None and all(shutil.which(one) for one in {known.program, known.start or known.program})


def complaints(language: str, texts: Sequence[Text]) -> list[tuple[str, ...]]:
    """What the language's toolchain has to say against each text, without line numbers; nothing for one that passes.

    Raises:
        KeyError: no toolchain is known for the language.
    """
    known = TOOLCHAINS[language]
    found: list[tuple[str, ...]] = []
    for start in range(0, len(texts), known.batch):
        with tempfile.TemporaryDirectory(prefix="themis-check-") as folder:
            found.extend(_asked(known, texts[start : start + known.batch], Path(folder)))
    return found


def new_complaint(language: str, said: tuple[str, ...], of_original: tuple[str, ...]) -> str | None:
    """The first complaint that is not made of the original too; None for a text that passes where it does."""
    folds = TOOLCHAINS[language].folds
    known = {re.sub(folds, "", line) if folds else line for line in of_original}
    return next((line for line in said if (re.sub(folds, "", line) if folds else line) not in known), None)


def counts(language: str, of_original: tuple[str, ...]) -> bool:
    """Whether an original is sound enough to measure by: without a complaint, or for a tolerant one, well-formed."""
    if TOOLCHAINS[language].tolerant:
        return not any(line.startswith("syntax: ") for line in of_original)
    return not of_original


def _asked(known: Toolchain, texts: Sequence[Text], folder: Path) -> list[tuple[str, ...]]:
    """Complaints of the texts of one batch; a batch that ends without naming any is asked one by one."""
    copies = _laid_out(known, texts, folder)
    command = _command(known, texts, copies, folder)
    code, lines = _run(command, folder, _START_S + _BATCH_FILE_S * len(texts) if known.blames else _FILE_S)
    if not known.blames:
        telling = [_bare(line, copies[0]) for line in lines if _TELLS.search(line)]
        return [(*telling, *lines, f"exit code {code}")[: max(1, len(telling))] if code else ()]
    by_copy: dict[str, list[str]] = {str(copy): [] for copy in copies}
    for line in lines:
        hit = re.fullmatch(known.blames, line)
        if hit and hit["path"] in by_copy:
            by_copy[hit["path"]].append(hit["said"])
    if code and not any(by_copy.values()):
        if len(texts) == 1:
            return [(*lines, f"exit code {code}")[:1]]
        alone = []
        for number, one in enumerate(texts):
            inner = folder / f"alone{number}"
            inner.mkdir()
            alone.extend(_asked(known, (one,), inner))
        return alone
    return [tuple(by_copy[str(copy)]) for copy in copies]


def _laid_out(known: Toolchain, texts: Sequence[Text], folder: Path) -> list[Path]:
    """Copies of the texts in folders of their own, under the files' endings; our own program beside them."""
    copies = []
    for number, one in enumerate(texts):
        place = folder / f"{number:05}"
        place.mkdir()
        copy = place / f"text{one.path.suffix}"
        copy.write_bytes(one.text.encode("utf-8"))
        copies.append(copy)
    (folder / "programs").mkdir()
    (folder / "empty").mkdir()
    if known.own:
        (folder / "programs" / known.own).write_text(known.source, encoding="utf-8")
        listed = "".join(f"{copy}\t{one.path}\n" for copy, one in zip(copies, texts, strict=True))
        (folder / "list").write_bytes(os.fsencode(listed))
    return copies


def _command(known: Toolchain, texts: Sequence[Text], copies: list[Path], folder: Path) -> list[str]:
    places = {"{programs}": str(folder / "programs"), "{list}": str(folder / "list"), "{empty}": str(folder / "empty")}
    arguments = []
    for argument in known.arguments:
        for mark, place in places.items():
            argument = argument.replace(mark, place)
        arguments.append(argument)
    around = _folders(texts[0]) if known.include else []
    return [known.start or known.program, *arguments, *around, *([] if known.own else map(str, copies))]


def _folders(one: Text) -> list[str]:
    """The file's folder, those above it up to the root, and their folders for headers."""
    above = [one.path.parent]
    while above[-1] != one.root and one.root in above[-1].parents and len(above) < _MAX_FOLDERS:
        above.append(above[-1].parent)
    around = [place for folder in above for place in (folder, folder / "include", folder / "src") if place.is_dir()]
    return ["-iquote", str(above[0]), *(f"-I{place}" for place in around)]


def _run(command: list[str], folder: Path, seconds: float) -> tuple[int, list[str]]:
    """Exit code and lines of output; the process and all that it started end with the time."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment = {**kept, "LC_ALL": "C.UTF-8", "TMPDIR": str(folder), "GOPROXY": "off", "GOFLAGS": "-mod=readonly",
                   "GOTOOLCHAIN": "local", "GO111MODULE": "off", "CGO_ENABLED": "0"}  # fmt: skip
    started = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = started.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        return 1, [f"no answer after {seconds:.0f} s"]
    finally:
        if started.poll() is None:  # out of time, or interrupted
            os.killpg(started.pid, signal.SIGKILL)
            started.communicate()
    return started.returncode, [line for line in output.decode("utf-8", "replace").splitlines() if line.strip()]


def _bare(line: str, copy: Path) -> str:
    """A line of output without the copy's path and the place in it."""
    return re.sub(rf"{re.escape(str(copy))}([:(][\d,]+\)?)*:?\s*", "", line)
