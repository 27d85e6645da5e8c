"""The bench of growth runs the whole stage in another process and tells what it took."""

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from bench import scale
from bench.many_pairs import main as many_pairs


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    body = "\n\n".join(
        f'def total_{n}(values):\n    """Return the sum of the first {n} values of a list of numbers."""\n'
        f"    result = {n}\n    for value in values[:{n}]:\n        result += value * {n}\n    return result"
        for n in range(2, 60)
    )
    rows = [
        {
            "id": f"{n:064x}",
            "language": "Python",
            "repo": f"pypi:p{n}@1",
            "path": f"m{n}.py",
            "text": f"# {n}\n{body}\n",
        }
        for n in range(4)
    ]
    pq.write_table(pa.Table.from_pylist(rows), corpus / "files-00000-of-00001.parquet")
    out = tmp_path / "pairs40"
    many_pairs(["--corpus", str(corpus), "--pairs", "40", "--out", str(out)])
    yield out


def test_a_table_is_curated_elsewhere_and_what_it_took_is_told(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "scale.json"
    scale.main([str(folder), "--out", str(out)])
    (row,) = json.loads(out.read_text())
    assert row["pairs"] == row["counts"]["in"] == row["counts"]["children"] == 40
    assert row["counts"]["kept"] + row["counts"]["dropped"] == 40
    assert row["cpu_s"] > 0.5 and 100 < row["peak_worker_mb"] <= row["peak_mb"]
    assert row["shuffled"] > 40 * 100
    console = Console(width=140, record=True)
    console.print(scale.table([row]))
    assert f"{row['shuffled'] / 40:,.0f} B" in console.export_text()


def test_a_failure_is_told(tmp_path: Path) -> None:
    (tmp_path / "pairs").mkdir()
    with pytest.raises(SystemExit, match="curation ended with 1"):
        scale.measured(tmp_path, 1)
