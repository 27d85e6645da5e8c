"""Documents that hold parts of benchmark prompts: what bench/decontamination.py runs on, made from a real corpus.

Prompts are documentation comments of one part of the corpus; the documents are files of the other part, and into some
of them a run of a prompt's words is written as a comment. A comment that the other files hold anyway is no prompt.
Everything follows from the corpus and the seed.
"""

import json
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from random import Random

from bench.decontamination_peers import Gram, N, grams
from bench.dedup import WARM, write_documents
from bench.dedup_peers import documents
from filters.decontaminate import words

MIN_WORDS, MAX_WORDS = 30, 100
"""Of a prompt: 12,000 of them then have about 440,000 grams."""
EACH = 8
"""Prompts at most from one file, so that many files give some."""
SHARE = 0.05
NON_ASCII = 0.2
"""Of what is planted, the share from prompts with characters beyond ASCII, where there are any."""
_LINES = textwrap.TextWrapper(70, break_long_words=False, break_on_hyphens=False)
_MARKS = ("//", "#", "/*", "*")
_LEGAL = ("copyright", "licen", "warrant", "permission")


@dataclass(frozen=True, slots=True)
class Contaminated:
    """Files to run on.

    Attributes:
        paths: Parquet files of documents, ids ascending.
        prompts: a file of [row id, prompt], one a line.
        warm: a file of a few documents.
        rows: number of prompts.
        ids: of the documents.
        planted: ids of those that got a part of a prompt.
        non_ascii: documents with characters beyond ASCII.
        text_bytes: of all documents, in UTF-8.
    """

    paths: tuple[str, ...]
    prompts: str
    warm: str
    rows: int
    ids: tuple[str, ...]
    planted: frozenset[str]
    non_ascii: int
    text_bytes: int


def comments(text: str) -> Iterator[str]:
    """Texts of the runs of lines that begin with a mark of a comment in the eight languages, marks cut away."""
    run: list[str] = []
    for line in [*text.splitlines(), ""]:
        stripped = line.strip()
        if stripped.startswith(_MARKS):
            run.append(stripped.strip("/*#! \t"))
        elif run:
            yield "\n".join(run).strip()
            run = []


def is_prompt(comment: str) -> bool:
    """Whether a comment says enough, not too much, and nothing that thousands of files say."""
    lowered = comment.lower()
    return MIN_WORDS <= len(words(comment)) <= MAX_WORDS and not any(one in lowered for one in _LEGAL)


def gives_prompts(id_: str) -> bool:
    """Whether a document is of the half that prompts are taken from."""
    return sha256(id_.encode("utf-8")).digest()[0] < 128


def prompts_of(texts: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """(row id, prompt) of the documents that give prompts, each text once."""
    seen: set[str] = set()
    for id_, text in texts:
        if gives_prompts(id_):
            good = (comment for comment in comments(text) if is_prompt(comment) and comment not in seen)
            for number, comment in enumerate(islice(good, EACH)):
                seen.add(comment)
                yield f"{id_[:16]}/{number}", comment


def part_of(prompt: str, random: Random) -> str:
    """A run of a prompt's words, at least as many as a gram has, as it is written there or in upper case."""
    pieces = prompt.split()
    for _ in range(8):
        start = random.randrange(len(pieces))
        end = random.randrange(start + 1, len(pieces) + 1)
        if len(words(" ".join(pieces[start:end]))) >= N:
            pieces = pieces[start:end]
            break
    part = " ".join(pieces)
    return part.upper() if random.random() < 0.2 else part


def with_part(text: str, part: str, random: Random) -> str:
    """`text` with `part` as comment lines at the beginning of one of its lines."""
    lines = text.split("\n")
    at = random.randrange(len(lines) + 1)
    return "\n".join([*lines[:at], *(f"// {line}" for line in _LINES.wrap(part)), *lines[at:]])


def without_shared(rows: Sequence[tuple[str, str]], texts: Iterable[str]) -> list[tuple[str, str]]:
    """The prompts that share no gram with any of the texts."""
    of: dict[Gram, list[int]] = {}
    for place, (_, prompt) in enumerate(rows):
        for gram in grams(words(prompt)):
            of.setdefault(gram, []).append(place)
    shared = {place for text in texts for gram in grams(words(text)) if gram in of for place in of[gram]}
    return [row for place, row in enumerate(rows) if place not in shared]


def build(paths: Sequence[str], into: Path, most_prompts: int, most_documents: int, seed: int = 0) -> Contaminated:
    """Write prompts and documents.

    Args:
        paths: Parquet files with `id` and `text`, ids ascending over all.
        into: a folder.
        most_prompts: at most so many rows, those with characters beyond ASCII first.
        most_documents: at most so many documents, which are held in memory.
        seed: of what is planted where.

    Raises:
        SystemExit: no file of the corpus gives a prompt.
    """
    found = list(islice((row for row in documents(paths) if not gives_prompts(row[0])), most_documents))
    candidates = sorted(prompts_of(documents(paths)), key=lambda row: row[1].isascii())
    rows = without_shared(candidates[: 3 * most_prompts], (text for _, text in found))[:most_prompts]
    if not rows:
        raise SystemExit("no documentation comment of the corpus serves as a prompt: give more documents.")
    (into / "prompts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    foreign = [row for row in rows if not row[1].isascii()]
    planted = set()
    for place, (id_, text) in enumerate(found):
        random = Random(f"{seed}:{id_}")
        if random.random() < SHARE:
            _, prompt = random.choice(foreign if foreign and random.random() < NON_ASCII else rows)
            found[place] = id_, with_part(text, part_of(prompt, random), random)
            planted.add(id_)
    write_documents(found, into / "contaminated.parquet")
    write_documents(found[:WARM], into / "warm-contaminated.parquet")
    return Contaminated(
        paths=(str(into / "contaminated.parquet"),),
        prompts=str(into / "prompts.jsonl"),
        warm=str(into / "warm-contaminated.parquet"),
        rows=len(rows),
        ids=tuple(id_ for id_, _ in found),
        planted=frozenset(planted),
        non_ascii=sum(not text.isascii() for _, text in found),
        text_bytes=sum(len(text.encode("utf-8")) for _, text in found),
    )
