"""Decontamination by other tools and by ours: which documents share a run of 13 words with a prompt.

Usage: python -m bench.decontamination_peers GIVEN OUT, for one measured run: GIVEN is JSON with `tool`, `prompts` (a
file of [row id, prompt], one a line), `warm` (a file of a few documents) and `paths`; OUT gets what came out.

A tool makes its table of the prompts, and then says of a text whether it hits. Each has words of its own: ours and
plain Python's are those of `filters.decontaminate.words`.
"""

import json
import logging
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import pyarrow.parquet as pq

from bench.measured import cpu_s, no_child_left, peak_mb

N = 13
OURS = "Themis"
_BATCH = 256
_WARM_ROWS = 50

Hit: TypeAlias = Callable[[str], bool]
Prompts: TypeAlias = Iterable[tuple[str, str]]
Gram: TypeAlias = tuple[str, ...]


def grams(words: Sequence[str], n: int = N) -> Iterable[Gram]:
    """Every run of `n` words; of fewer words, all of them; nothing of none."""
    if 0 < len(words) < n:
        return [tuple(words)]
    return zip(*(words[at:] for at in range(n)), strict=False)


def brute_force(prompts: Prompts) -> Callable[[str], str | None]:
    """The row of the first gram of a text that a prompt has, by a dict of word tuples: the truth, and not measured."""
    from filters.decontaminate import words

    table: dict[Gram, str] = {}
    for row, prompt in prompts:
        for gram in grams(words(prompt)):
            table.setdefault(gram, row)
    return lambda text: next((table[gram] for gram in grams(words(text)) if gram in table), None)


def ours(prompts: Prompts) -> Callable[[str], str | None]:
    """GramTable: the row that is hit."""
    from filters.decontaminate import GramTable

    return GramTable.build(prompts, N).hit


def python_set(prompts: Prompts) -> Hit:
    """A set of tuples of 13 words."""
    from filters.decontaminate import words

    table = {gram for _, prompt in prompts for gram in grams(words(prompt))}
    return lambda text: not table.isdisjoint(grams(words(text)))


def datatrove(prompts: Prompts) -> Hit:
    """NGramsDecontFilter over an index as NGramsDecontIndexer writes it, with its normalisation; words by white space.

    The indexer itself wants lighteval, and its English tokenizer spaCy; the index is the file that it would write.
    """
    import tempfile

    import numpy as np
    from datatrove.data import Document
    from datatrove.pipeline.decont import NGramsDecontConfig, NGramsDecontFilter, NGramsDecontIndexer
    from loguru import logger

    from bench.dedup_pipelines import encoded_hash, words_by_spaces

    logger.remove()
    config = NGramsDecontConfig(n_grams=N, find_query_ngrams=True, find_overlap_ngrams=False)
    with tempfile.TemporaryDirectory(prefix="themis-bench-") as folder:
        chooser = NGramsDecontFilter(folder, config, language=words_by_spaces())
        chooser.hash_func = encoded_hash
        hashes = {one for _, prompt in prompts for one in NGramsDecontIndexer.compute_hashes(chooser, prompt)}
        np.array(list(hashes), dtype=config.hash_config.np_descr).tofile(f"{folder}/prompts.index.hashes")
        chooser.load_index_hashes()
    return lambda text: chooser.filter(Document(text=text, id="")) is not True


def janitor(prompts: Prompts) -> Hit:
    """lm-eval's Janitor with its C++ grams, which raise UnicodeDecodeError where they cut a character.

    `Janitor.clean` in C++ calls every gram dirty, so its grams are looked up here.
    """
    from lm_eval.decontamination import janitor as module

    made = module.Janitor(ngram_n=N)
    for _, prompt in prompts:
        try:
            made.register_contaminant_cpp(prompt)
        except UnicodeDecodeError:
            continue
    cut, delete, table = module.janitor_util.clean_ngram, made.delete_chars, made.dirt_ngrams
    return lambda text: not table.isdisjoint(cut(text, delete, N))


def janitor_python(prompts: Prompts) -> Hit:
    """lm-eval's Janitor in Python, stopped at the first dirty gram."""
    from lm_eval.decontamination.janitor import Janitor, word_ngrams

    made = Janitor(ngram_n=N)
    for _, prompt in prompts:
        made.register_contaminant_python(prompt)
    return lambda text: not made.dirt_ngrams.isdisjoint(word_ngrams(made.normalize_string(text), N))


class Tool(NamedTuple):
    """A way to find contaminated documents.

    Attributes:
        make: from prompts to a function of a text: whether, or which row, it hits.
        package: whose version is reported.
        modules: that must be importable.
    """

    make: Callable[[Prompts], Callable[[str], Any]]
    package: str
    modules: tuple[str, ...]


TOOLS: dict[str, Tool] = {
    "plain Python set": Tool(python_set, "themis-preference", ()),
    "datatrove": Tool(datatrove, "datatrove", ("datatrove",)),
    "lm-eval janitor, C++": Tool(janitor, "lm-eval", ("lm_eval", "janitor_util")),
    "lm-eval janitor, Python": Tool(janitor_python, "lm-eval", ("lm_eval",)),
    OURS: Tool(ours, "themis-preference", ()),
}


def missing(tool: str) -> str | None:
    """Why a tool cannot run here, or None."""
    absent = [module for module in TOOLS[tool].modules if find_spec(module) is None]
    return f"{', '.join(absent)} cannot be imported here" if absent else None


def read_prompts(path: Path) -> list[tuple[str, str]]:
    """The rows of a file of prompts."""
    lines = path.read_text(encoding="utf-8").split("\n")
    return [(row, prompt) for row, prompt in (json.loads(line) for line in lines if line)]


def measure(tool: str, prompts: Path, warm: str, paths: Sequence[str]) -> dict[str, Any]:
    """Build a tool's table and look every document up.

    Returns:
        `hits` (id to what the tool says), `failed` (ids of documents that it raised UnicodeDecodeError for); CPU
        seconds `setup_s` (start, imports, compilation, a few documents), `table_s`, `read_s` (Parquet) and `match_s`;
        `wall_s` and `peak_mb` of all.
    """
    wall, make = time.perf_counter(), TOOLS[tool].make
    rows = read_prompts(prompts)
    _all(make(rows[:_WARM_ROWS]), [warm])
    start = cpu_s()
    hit = make(rows)
    made = cpu_s()
    hits, failed, match_s = _all(hit, paths)
    no_child_left()
    used = {"setup_s": start, "table_s": made - start, "match_s": match_s, "read_s": cpu_s() - made - match_s}
    return {"hits": hits, "failed": failed, **used, "wall_s": time.perf_counter() - wall, "peak_mb": peak_mb()}


def _all(hit: Callable[[str], Any], paths: Sequence[str]) -> tuple[dict[str, Any], list[str], float]:
    hits: dict[str, Any] = {}
    failed: list[str] = []
    spent = 0.0
    for path in paths:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_BATCH, columns=["id", "text"]):
                ids, texts = batch["id"].to_pylist(), batch["text"].to_pylist()
                start = cpu_s()
                for id_, text in zip(ids, texts, strict=True):
                    try:
                        found = hit(text)
                    except UnicodeDecodeError:
                        failed.append(id_)
                        continue
                    if found:
                        hits[id_] = found
                spent += cpu_s() - start
    return hits, failed, spent


def main(given: Path, out: Path) -> None:
    """Measure one tool."""
    logging.disable(logging.WARNING)
    asked = json.loads(given.read_text(encoding="utf-8"))
    found = measure(asked["tool"], Path(asked["prompts"]), asked["warm"], asked["paths"])
    out.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
