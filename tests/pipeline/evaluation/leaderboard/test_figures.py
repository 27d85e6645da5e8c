"""Figures: things lie where their numbers say, and no name covers anything."""

import math
import xml.etree.ElementTree as ET
from itertools import combinations

import pytest

from pipeline.evaluation.leaderboard import profiles, scaling
from pipeline.evaluation.leaderboard.boards import boards
from pipeline.evaluation.leaderboard.labels import Box, Wanted, _box, placed
from pipeline.evaluation.leaderboard.page import figures
from pipeline.evaluation.leaderboard.read import read_runs
from tests.pipeline.evaluation.leaderboard.scored import rows, save

ROOM = Box(0, 0, 500, 300)
DRAWN = {"svg", "style", "g", "line", "polyline", "polygon", "circle", "rect", "path", "text", "tspan", "title"}


@pytest.fixture
def board(suite):
    return boards(read_runs([suite]))[0]


def test_families_are_joined_by_size_and_others_stand_alone(board):
    plot = scaling.scaling(board)
    assert sorted((f.name, len(f.points)) for f in plot.families) == [
        ("Alpha", 3),
        ("Beta-rm", 2),
    ]
    alpha = next(f for f in plot.families if f.name == "Alpha")
    assert [one.told.split(":")[0] for one in alpha.points] == ["Alpha-0.6B", "Alpha-1.7B", "Alpha-8B"]
    assert [one.told.split(":")[0] for one in plot.singles] == ["Gamma-13B"]
    assert plot.unknown == ("plain",)


def test_places_are_linear_in_accuracy_and_in_the_logarithm_of_size(board):
    plot = scaling.scaling(board)
    entries = {line.entry.name: line.entry for line in board.lines}
    drawn = [one for family in plot.families for one in family.points]
    by_name = {one.told.split(":")[0]: one for one in drawn}

    def slope(place, value):
        a, b, c = (by_name[name] for name in ("Alpha-0.6B", "Alpha-8B", "Beta-70b-rm"))
        x, y, z = (value(entries[name]) for name in ("Alpha-0.6B", "Alpha-8B", "Beta-70b-rm"))
        return (place(b) - place(a)) / (y - x), (place(c) - place(a)) / (z - x)

    across = slope(lambda one: one.x, lambda e: math.log10(e.run.parameters))
    up = slope(lambda one: one.y, lambda e: e.micro.value)
    assert across[0] == pytest.approx(across[1], rel=0.01) and across[0] > 0
    assert up[0] == pytest.approx(up[1], rel=0.02) and up[0] < 0
    assert all(one.high < one.y < one.low for one in drawn)
    assert plot.x_ticks[0][1] == "0.5B"


def test_dots_of_one_place_stand_side_by_side(tmp_path):
    for name in ("A-8B", "B-8B", "C-8B", "D-70B"):
        save(tmp_path / "m" / name, rows(30))
    singles = scaling.scaling(boards(read_runs([tmp_path / "m"]))[0]).singles
    assert len(singles) == 4
    assert all(math.dist((a.x, a.y), (b.x, b.y)) >= scaling.DOT for a, b in combinations(singles, 2))


def test_one_known_size_makes_no_scaling_plot(tmp_path):
    save(tmp_path / "m" / "A-8B", rows(30))
    save(tmp_path / "m" / "plain", rows(30))
    assert scaling.scaling(boards(read_runs([tmp_path / "m"]))[0]) is None


def test_names_cover_neither_dots_nor_lines_nor_each_other():
    wanted = [Wanted(100 + 13 * n % 60, 100 + 7 * n % 80, f"model-number-{n}") for n in range(12)]
    line = ((0.0, 150.0), (500.0, 150.0))
    found = placed(wanted, [(one.x, one.y) for one in wanted], [line], ROOM)
    boxes = [_box(x, y, anchor, text) for x, y, anchor, text in found]
    assert 2 <= len(boxes) < 12
    assert not any(a.meets(b) for a, b in combinations(boxes, 2))
    assert not any(box.meets(Box(one.x - 2, one.y - 2, one.x + 2, one.y + 2)) for box in boxes for one in wanted)
    assert not any(box.top < 150 < box.bottom for box in boxes)
    assert all(ROOM.holds(box) for box in boxes)


def test_a_name_takes_the_side_that_is_free():
    ((x, _, anchor, _),) = placed([Wanted(480, 100, "wide-name")], [(480, 100)], [], ROOM)
    assert (anchor, x) == ("end", 472)


def test_a_radar_has_a_spoke_a_criterion_and_its_corner_at_the_accuracy(board):
    entry = board.lines[0].entry
    star = profiles.radar(entry, board.criteria, profiles.medians(board))
    assert [text for _, _, _, text, _ in star.labels] == ["Readability", "Security", "Functional", "Memory"]
    corners = [tuple(map(float, one.split(","))) for one in star.shape.split()]
    middle = (profiles.RADAR_WIDTH / 2, profiles.RADAR_HEIGHT / 2)
    found = [math.dist(corner, middle) / profiles.RADIUS for corner in corners]
    assert found == pytest.approx([entry.by_criterion[c].value for c in board.criteria], abs=0.002)
    assert len(star.middle.split()) == 4


def test_two_criteria_make_no_radar_and_one_model_no_median(tmp_path):
    save(tmp_path / "m", [row for row in rows(40) if row["aspect"][0] in "FM"])
    (board,) = boards(read_runs([tmp_path / "m"]))
    assert profiles.medians(board) == {}
    assert profiles.radar(board.lines[0].entry, board.criteria, {}) is None
    assert "m/radar.svg" not in figures([board])


def test_a_heat_map_has_a_cell_wherever_there_are_pairs(tmp_path):
    made = [row for row in rows(60) if (row["aspect"], row["language"]) != ("Memory_Efficiency", "Go")]
    save(tmp_path / "m", made)
    (board,) = boards(read_runs([tmp_path / "m"]))
    entry = board.lines[0].entry
    map_ = profiles.heat(entry, board.criteria, board.languages)
    assert len(map_.cells) == 4 * 3 - 1 + 4 + 3 + 1
    assert [label for _, label in map_.columns] == ["C#", "C++", "Go", "All"]
    assert sum(cell.pairs for cell in map_.cells if not cell.total) == len(made)
    corner = map_.cells[-1]
    assert (corner.value, corner.pairs, corner.total, corner.few) == (entry.micro.value, len(made), True, False)
    assert all(cell.below == (cell.value < 0.5) and cell.few == (cell.pairs < 20) for cell in map_.cells)


def test_every_figure_is_well_formed_and_shows_foreign_names_as_text(tmp_path):
    for name in ('<b onload="x">&-1B', "plain-7B"):
        save(tmp_path / "m" / name, rows(40))
    made = figures(boards(read_runs([tmp_path / "m"])))
    assert len(made) == 5
    for text in made.values():
        tags = {one.tag.rsplit("}", 1)[1] for one in ET.fromstring(text).iter()}
        assert tags <= DRAWN
    assert any('<b onload="x">&-1B' in "".join(ET.fromstring(text).itertext()) for text in made.values())
