"""The parts of the page about a run that need no run: diffs, tables, curves and words."""

import pytest

from pipeline.report.counts import Lengths, funnel, heat, lengths, operators
from pipeline.report.curves import curve, nice_ticks, running_mean
from pipeline.report.diff import MAX_LINES, side_by_side
from pipeline.report.text import duration, percent, size, visible


def test_diff_aligns_lines_marks_tokens_and_folds() -> None:
    same = [f"line {n}" for n in range(20)]
    diff = side_by_side("\n".join([*same, "if a <= b:", "end"]), "\n".join([*same, "new", "if a < b:", "end"]))
    assert [(len(b.rows), b.folded) for b in diff.blocks] == [
        (3, False),
        (14, True),
        (3, False),
        (2, False),
        (1, False),
    ]
    added, changed = diff.blocks[3].rows
    assert added.left is None and added.right is not None and added.right.segments == (("new", False),)
    assert changed.left is not None and ("=", True) in changed.left.segments
    assert changed.right is not None and changed.right.number == 22


def test_diff_bounds_what_it_shows() -> None:
    long = "\n".join(f"a{n} = {n}" for n in range(MAX_LINES + 50))
    diff = side_by_side(long, long.replace("a", "zz"))
    assert diff.cut == 50
    assert sum(len(block.rows) for block in diff.blocks) == MAX_LINES
    assert side_by_side("same", "same").blocks[0].rows[0].same


@pytest.mark.parametrize(("text", "shown"), [("a\x1b[0m\r", "a␛[0m␍"), ("x\u202ey", "x⟨U+202E⟩y"), ("\ta\n", "\ta\n")])
def test_hidden_characters_are_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_numbers_read_well() -> None:
    assert [percent(1, 3), percent(1, 0), percent(1, 9999)] == ["33.3%", "–", "<0.1%"]
    assert [size(999), size(1500), size(2.5e9), size(3e12)] == ["999 B", "1.5 kB", "2.5 GB", "3.0 TB"]
    assert [duration(4.2), duration(185), duration(7800)] == ["4.2 s", "3 min 5 s", "2 h 10 min"]


def test_tables_count_cells() -> None:
    base = {"split": "train", "criterion": "memory_efficiency", "language": "Go", "operator": "mutation/a"}
    cells = [{**base, "length": "longer", "pairs": 3}, {**base, "length": "equal", "pairs": 2},
             {**base, "split": "benchmark", "language": "C", "length": "shorter", "pairs": 1}]  # fmt: skip
    assert heat(cells, "train").columns == ("C", "Go")
    assert heat(cells, "train").rows == (("Memory Efficiency", (0, 5), 5),)
    assert lengths(cells) == Lengths(3, 1, 2)
    assert lengths(cells).p_longer == 0.75 and Lengths().p_longer is None
    assert not Lengths(60, 40).even and Lengths(55, 45).even
    (one,) = operators(cells)
    assert (one.pairs, one.benchmark, one.lengths) == (5, 1, Lengths(3, 0, 2))
    assert funnel({"stages": {"train": {"counts": {}}}}, None) == []


def test_curves_fit_their_axes() -> None:
    assert running_mean([1, 3, 5], 2) == [1, 2, 4]
    assert nice_ticks(0, 1) == [0, 0.25, 0.5, 0.75, 1.0]
    assert nice_ticks(2, 2)[0] <= 2 <= nice_ticks(2, 2)[-1]
    made = curve("loss", list(range(1000)), [5.0 - n / 300 for n in range(1000)], False)
    points = [tuple(map(float, point.split(","))) for point in made.raw.split()]
    assert len(points) == 250
    assert points[0][1] < points[-1][1] and all(46 <= x <= 390 and 10 <= y <= 172 for x, y in points)
    assert curve("one", [0], [0.5], True).half is not None
