import json
import os
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from random import Random

import pyarrow.parquet as pq
import pytest

from bench import dedup, dedup_peers, measured, truth
from bench.dedup import Run
from bench.dedup_peers import TOOLS
from filters import minhash

NEEDS = {
    "FastSketchLSH": "FastSketchLSH", "Themis": "apache_beam", "datasketch": "datasketch", "datatrove": "datatrove",
    "gaoya": "gaoya", "hojichar": "hojichar", "published script": "datasketch", "rensa": "rensa",
    "rensa on our hashes": "rensa", "text-dedup, verified": "text_dedup",
}  # fmt: skip


def text(seed: int, lines: int = 60) -> str:
    """Random words of letters only: a peer takes all numbers for the same."""
    random = Random(seed)
    return "\n".join(" ".join("".join(random.choices("abcdefgh", k=6)) for _ in range(8)) for _ in range(lines))


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Twelve texts in two files: `03` is `01` again, `05` is it but for its last word, `07` has half of it."""
    made = {f"{number:02}": text(number) for number in range(12)}
    made["03"] = made["01"]
    made["05"] = made["01"].rpartition(" ")[0] + " other"
    made["07"] = text(1, 30) + "\n" + text(7, 30)
    folder = tmp_path / "corpus"
    folder.mkdir()
    for number in range(2):
        rows = [(id_, one) for id_, one in made.items() if int(id_) % 2 == number]
        dedup.write_documents(rows, folder / f"files-{number:05d}-of-00002.parquet")
    truth.write(truth.join(truth.sets(made.items())), folder / "truth.parquet")
    return folder


def originals(corpus: Path) -> Iterator[tuple[str, str]]:
    return dedup_peers.documents([str(path) for path in corpus.glob("files-*.parquet")])


def paths(corpus: Path, tmp_path: Path) -> Sequence[str]:
    into = tmp_path / "ordered"
    into.mkdir()
    return dedup.ordered(corpus, into).paths


def test_shingles_are_those_that_ours_compares() -> None:
    for one in (
        text(1),
        "a.b(c);\n" * 30,
        "größe = naïve_Ωmega" * 40,
        "x = 1",
        "déjà vu",
        "\t tabs\x0b\x0c\x00 \x7f and ü",
    ):
        assert len(dedup_peers.shingles(one)) == len(minhash.shingles(one)), one


def test_every_tool_is_listed_with_what_it_needs() -> None:
    assert set(NEEDS) == set(TOOLS)


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("tool", sorted(NEEDS))
def test_a_tool_removes_what_is_near_to_an_earlier_document(tool: str, corpus: Path, tmp_path: Path) -> None:
    if find_spec(NEEDS[tool]) is None:
        pytest.skip(f"{NEEDS[tool]} is not installed; only the environment of the bench has it")
    removed = TOOLS[tool].removed(paths(corpus, tmp_path))
    places = {int(id_, 16) for id_ in removed}
    assert places == {3, 5} or (tool == "datatrove" and len(places) == 2 and places < {1, 3, 5})


def test_the_published_script_joins_chains_and_all_short_texts(tmp_path: Path) -> None:
    words = [f"word{number}" for number in range(400)]
    chain = {f"{step}": " ".join(words[40 * step : 40 * step + 240]) for step in range(3)}
    short = {"8": "one two", "9": "quite another"}
    path = tmp_path / "files-00000.parquet"
    dedup.write_documents({**chain, **short}.items(), path)
    far = minhash.jaccard(*(minhash.shingles(chain[one]) for one in ("0", "2")))
    assert far < 0.5
    assert "9" in TOOLS["published script"].removed([str(path)])
    assert "9" not in TOOLS["datasketch"].removed([str(path)])


def test_documents_are_put_in_order_of_id(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "all").mkdir()
    (tmp_path / "some").mkdir()
    found = dedup.ordered(corpus, tmp_path / "all")
    assert found.ids == tuple(f"{number:02}" for number in range(12))
    read = list(dedup_peers.documents(found.paths))
    assert [int(id_, 16) for id_, _ in read] == list(range(12))
    assert [one for _, one in read] == [one for _, one in sorted(originals(corpus))]
    assert found.text_bytes == sum(len(one.encode()) for _, one in dedup_peers.documents(found.paths))
    some = dedup.ordered(corpus, tmp_path / "some", 5)
    assert some.ids == found.ids[:5]
    assert list(dedup_peers.documents([some.warm])) == read[:5]


def test_row_groups_stay_small(tmp_path: Path) -> None:
    dedup.write_documents([(str(number), "x" * 3_000_000) for number in range(3)], tmp_path / "a.parquet")
    assert pq.ParquetFile(tmp_path / "a.parquet").num_row_groups == 3


def test_a_folder_without_documents_or_out_of_order_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"holds no files-\*\.parquet"):
        dedup.ordered(tmp_path, tmp_path)
    dedup.write_documents([("b", "x"), ("a", "y")], tmp_path / "files-00000.parquet")
    with pytest.raises(SystemExit, match="not in ascending order"):
        dedup.ordered(tmp_path, tmp_path)


def test_what_is_reported_of_a_run() -> None:
    corpus = dedup.Ordered((), "", ("a", "b", "c", "d"), 2_000_000)
    pairs = [("a", "b", 0.9), ("c", "d", 0.8), ("a", "gone", 1.0)]
    planted: list[dict[str, object]] = [
        {"id": "b", "original": "a", "low": 0.9, "high": 1.0},
        {"id": "d", "original": "c", "low": 0.75, "high": 0.8},
        {"id": "gone", "original": "a", "low": 0.75, "high": 0.8},
    ]
    figures = {"wall_s": (1.0, 1.0), "setup_s": (0.5, 0.7), "peak_mb": (10.0, 12.0)}
    runs = [
        Run("rensa", frozenset({"b", "c"}), {"cpu_s": (2.0, 4.0), **figures}),
        Run("datasketch", frozenset({"a", "b"}), {"cpu_s": (4.0, 4.0), **figures}),
    ]
    told = dedup.report(corpus, runs, pairs, planted)
    assert (told["documents"], told["pairs"], told["removals"]) == (4, 2, 2)
    first, second = told["rows"]
    assert (first["recall"], first["precision"], first["resolved"]) == (0.5, 1.0, 1.0)
    assert first["planted"] == {"0.75-0.80": 0.0, "0.90-1.00": 1.0}
    assert (first["ratio"], first["docs_per_cpu_s"], first["mb_per_cpu_s"]) == (1.0, 1.5, pytest.approx(2 / 3))
    assert (second["recall"], second["precision"], second["resolved"]) == (0.5, 0.0, 0.5)
    assert second["ratios"] == [0.5, 1.0]


def test_the_bench_on_a_tiny_corpus(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out" / "dedup.json"
    tools = ["datasketch", "published script", "gaoya"]
    dedup.main(["--corpus", str(corpus), "--tools", *tools, "--documents", "11", "--out", str(out)])
    told = json.loads(out.read_text(encoding="utf-8"))
    rows = {row["tool"]: row for row in told["rows"]}
    assert rows.keys() | told["left_out"].keys() == set(tools)
    assert rows["datasketch"]["removed"] == told["removals"] == 2
    assert rows["datasketch"]["recall"] == rows["datasketch"]["precision"] == 1.0
    assert all(row["cpu_s"] > 0 and row["setup_s"] > 0 and row["peak_mb"] > 10 for row in rows.values())
    said = capsys.readouterr().out
    assert "11 documents" in said and "datasketch" in said


def test_a_tool_that_is_not_here_is_left_out_with_its_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    absent = dedup_peers.Tool(TOOLS["gaoya"].removed, "absent-package", "absent_package")
    monkeypatch.setitem(TOOLS, "absent", absent)
    runs, left_out = dedup.rounds(dedup.Ordered((), "", (), 0), ["absent"], 1, tmp_path)
    assert (runs, left_out) == ([], {"absent": "absent-package is not installed here"})


def test_a_tool_that_fails_is_left_out_with_what_it_said(tmp_path: Path) -> None:
    corpus = dedup.Ordered((str(tmp_path / "absent.parquet"),), str(tmp_path / "absent.parquet"), (), 0)
    runs, left_out = dedup.rounds(corpus, ["datasketch"], 1, tmp_path)
    assert not runs
    assert "absent.parquet" in left_out["datasketch"]


def test_a_process_that_is_left_is_told() -> None:
    measured.no_child_left()
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(write)
        os.read(read, 1)
        os._exit(0)
    os.close(read)
    try:
        with pytest.raises(RuntimeError, match="still runs"):
            measured.no_child_left()
    finally:
        os.close(write)
        os.waitpid(child, 0)
    measured.no_child_left()
