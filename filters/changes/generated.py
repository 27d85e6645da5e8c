"""Generated: files that a tool wrote, or that were minified."""

from typing import Literal

from pydantic import Field

from filters.base import Refusal
from filters.changes.base import ChangeFilter
from filters.generated import generated_header, generated_path
from parsers.edits import Edit
from schemas.records import Change


class GeneratedFile(ChangeFilter):
    """Changes of a file whose path or first lines say that a tool wrote it, or whose lines are too long for a person.

    Attributes:
        header_chars: at the start of the file, where such words count; further down they speak of other files.
        max_mean_line: characters of a line of the older side, on average.
        max_line: characters of the longest line that differs.
    """

    kind: Literal["generated_file"] = "generated_file"
    header_chars: int = Field(default=1_500, ge=0)
    max_mean_line: float = Field(default=200, gt=0)
    max_line: int = Field(default=1_000, ge=1)

    def refuse(self, change: Change, edit: Edit) -> Refusal | None:
        """`generated` by path or header, `minified` by the lines."""
        detail = generated_path(change.origin.path) or generated_header(change.before[: self.header_chars])
        if detail is not None:
            return Refusal("generated", detail)
        mean = len(change.before) / (change.before.count("\n") + 1)
        if mean > self.max_mean_line:
            return Refusal("minified", f"{mean:.0f} characters a line, at most {self.max_mean_line:g}")
        longest = max(map(len, [*edit.removed, *edit.added]), default=0)
        return (
            Refusal("minified", f"a line of {longest} characters, at most {self.max_line}")
            if longest > self.max_line
            else None
        )
