"""Which rows of the two versions of a file an excerpt keeps: what differs, and all that must come with it."""

from parsers.edits import Edit, Hunk
from parsers.layout import Layout, Rows

_SLIDE_ROWS = 64


def slid(edit: Edit, sides: tuple[Layout, Layout]) -> list[Hunk]:
    """Hunks where an insertion or removal between equal lines stands where it touches the fewest other lines.

    Two functions that end alike let a difference begin at the end of the first: that would drag it in.
    """
    slid: list[Hunk] = []
    for i, hunk in enumerate(edit.hunks):
        if hunk.before[0] < hunk.before[1] and hunk.after[0] < hunk.after[1]:
            slid.append(hunk)
            continue
        side = 0 if hunk.before[0] < hunk.before[1] else 1
        lines = (edit.before_lines, edit.after_lines)[side]
        start, end = (hunk.before, hunk.after)[side]
        floor = (slid[-1].before, slid[-1].after)[side][1] if slid else 0
        following = edit.hunks[i + 1] if i + 1 < len(edit.hunks) else None
        ceiling = (following.before, following.after)[side][0] if following is not None else len(lines)
        shifts = [0]
        while start - len(shifts) >= floor and len(shifts) <= _SLIDE_ROWS:
            if lines[start - len(shifts)] != lines[end - len(shifts)]:
                break
            shifts.append(-len(shifts))
        down = 0
        while end + down < ceiling and down < _SLIDE_ROWS and lines[start + down] == lines[end + down]:
            down += 1
            shifts.append(down)
        best = min(shifts, key=lambda by: (_touched(sides[side], lines, start + by, end + by), abs(by), by))
        (a, b), (c, d) = hunk.before, hunk.after
        slid.append(Hunk((a + best, b + best), (c + best, d + best)))
    return slid


def _touched(side: Layout, lines: list[str], start: int, end: int) -> int:
    """Rows of the units that the rows from `start` to `end` are in."""
    units = {side.units[row] for row in range(start, end) if lines[row].strip()}
    return sum(stop - begin for begin, stop in units)


def kept_rows(edit: Edit, sides: tuple[Layout, Layout], hunks: list[Hunk], imports: bool) -> tuple[set[int], set[int]]:
    """Rows of each side's excerpt: what differs, and all that must come with it."""
    partners = _partners(len(edit.before_lines), hunks)
    kept: tuple[set[int], set[int]] = (set(), set())
    todo = [(0, row) for hunk in hunks for row in range(*hunk.before)]
    todo += [(1, row) for hunk in hunks for row in range(*hunk.after)]
    _close(sides, partners, kept, todo)
    for side in (0, 1):
        if not _has_members(sides[side], kept[side], (edit.before_lines, edit.after_lines)[side]):
            _close(sides, partners, kept, _neighbour(edit, sides, hunks, side))
    if imports:
        _close(sides, partners, kept, [(side, row) for side in (0, 1) for row in sides[side].imports])
    return kept


def _partners(count: int, hunks: list[Hunk]) -> tuple[dict[int, int], dict[int, int]]:
    """For each side, the other side's row of each row that both share."""
    newer: dict[int, int] = {}
    at, other = 0, 0
    for hunk in [*hunks, Hunk((count, count), (0, 0))]:
        newer |= {row: other + row - at for row in range(at, hunk.before[0])}
        at, other = hunk.before[1], hunk.after[1]
    return newer, {b: a for a, b in newer.items()}


def _close(
    sides: tuple[Layout, Layout],
    partners: tuple[dict[int, int], dict[int, int]],
    kept: tuple[set[int], set[int]],
    todo: list[tuple[int, int]],
) -> None:
    """Add rows to `kept`, with the rest of their units, the frames around them, and the same rows of the other side."""
    units: set[tuple[int, Rows]] = set()
    frames: set[tuple[int, int]] = set()
    while todo:
        side, row = todo.pop()
        if row in kept[side]:
            continue
        kept[side].add(row)
        unit, frame = sides[side].units[row], sides[side].owner[row]
        if (side, unit) not in units:
            units.add((side, unit))
            todo += [(side, other) for other in range(*unit)]
        while frame >= 0 and (side, frame) not in frames:
            frames.add((side, frame))
            frame, own = sides[side].frames[frame]
            todo += [(side, other) for other in own]
        partner = partners[side].get(row)
        if partner is not None:
            todo.append((1 - side, partner))


def _has_members(side: Layout, kept: set[int], lines: list[str]) -> bool:
    """Whether any kept row is more than blank, a frame's own or an import."""
    bare = {row for _, own in side.frames for row in own}.union(side.imports)
    return any(row not in bare and lines[row].strip() for row in kept)


def _neighbour(edit: Edit, sides: tuple[Layout, Layout], hunks: list[Hunk], side: int) -> list[tuple[int, int]]:
    """The member nearest above the first hunk, else below it: what stands beside a function that one side lacks."""
    lines = (edit.before_lines, edit.after_lines)[side]
    bare = {row for _, own in sides[side].frames for row in own}.union(sides[side].imports)
    at = (hunks[0].before, hunks[0].after)[side][0]
    for row in [*range(min(at, len(lines)) - 1, -1, -1), *range(at, len(lines))]:
        if lines[row].strip() and row not in bare:
            return [(side, row)]
    return []
