"""A function that was cut out of its file, edited, and put back: the removal of the common indentation undone."""

from bisect import bisect_right
from itertools import accumulate

from schemas.provenance import Span
from synthesis.mutations.operator import Edit, Site, apply


def put_back(data: bytes, span: Span, code: str, edits: Site) -> str:
    """The file with the edited function in its place.

    Lines that no edit touches are the file's own bytes, so that without edits the file comes back as it is. Others get
    the indentation that was taken from the line that they stand for, new ones that of the function.

    Args:
        data: the file's bytes.
        span: of the function in it.
        code: the function as `parsers.functions.snippet` cut it from there.
        edits: in bytes of `code`.

    Raises:
        ValueError: `code` was not cut from there, or the file is not UTF-8.
    """
    source = data[span[0] : span[1]].split(b"\n")
    cut = code.encode("utf-8").split(b"\n")
    if len(source) != len(cut):
        raise ValueError(f"the function has {len(source)} lines in its file, its code {len(cut)}")
    lines: list[bytes] = []
    done = 0
    for first, last, inside in _blocks(cut, edits):
        lines.extend(source[done:first])
        lines.extend(
            _edited(source[first : last + 1], cut[first : last + 1], inside, _indent(data, span[0]), first == 0)
        )
        done = last + 1
    lines.extend(source[done:])
    return (data[: span[0]] + b"\n".join(lines) + data[span[1] :]).decode("utf-8")


def _blocks(cut: list[bytes], edits: Site) -> list[tuple[int, int, Site]]:
    """Runs of lines that edits touch: first and last line, and the edits in bytes from the start of the first."""
    starts = [0, *accumulate(len(line) + 1 for line in cut)][: len(cut)]
    runs: list[tuple[int, int, list[Edit]]] = []
    for edit in sorted(edits):
        first, last = bisect_right(starts, edit.start) - 1, bisect_right(starts, edit.end) - 1
        if runs and first <= runs[-1][1]:
            runs[-1] = (runs[-1][0], max(last, runs[-1][1]), [*runs[-1][2], edit])
        else:
            runs.append((first, last, [edit]))
    return [
        (first, last, tuple(Edit(e.start - starts[first], e.end - starts[first], e.text) for e in inside))
        for first, last, inside in runs
    ]


def _edited(source: list[bytes], cut: list[bytes], edits: Site, indent: bytes, is_first: bool) -> list[bytes]:
    """The lines of one run after its edits, indented as in the file."""
    made = apply(b"\n".join(cut).decode("utf-8"), edits).encode("utf-8").split(b"\n")
    quoted = [old == new and bool(new.strip()) and indent != b"" for old, new in zip(source, cut, strict=True)]
    kept = {new: old for old, new in zip(source, cut, strict=True) if new.strip()}
    lines = []
    for number, line in enumerate(made):
        if is_first and number == 0:
            lines.append(line)  # what stands before the function on its first line is not cut with it
        elif line in kept and not (is_first and kept[line] == source[0]):
            lines.append(kept[line])
        elif all(quoted[1 if is_first else 0 :]) and len(quoted) > is_first:
            lines.append(line)  # inside a text literal no indentation was taken
        else:
            lines.append(indent + line if line.strip() else line)
    return lines


def _indent(data: bytes, offset: int) -> bytes:
    """White space before `offset` on its line; none where something else stands there."""
    before = data[data.rfind(b"\n", 0, offset) + 1 : offset].removeprefix(b"\xef\xbb\xbf")
    return before if not before.strip() else b""
