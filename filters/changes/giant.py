"""Giant: files too large to look into."""

from typing import Literal

from pydantic import Field

from filters.base import Refusal
from filters.changes.base import ChangeFilter
from parsers.edits import Edit
from schemas.records import Change


class Giant(ChangeFilter):
    """Changes of very large files: amalgamations, tables, bundles.

    Attributes:
        max_bytes: of the larger side, in UTF-8. What parses has at most 1,000,000.
    """

    kind: Literal["giant"] = "giant"
    max_bytes: int = Field(default=1_000_000, ge=1)

    def refuse(self, change: Change, edit: Edit) -> Refusal | None:
        """`giant_file` by the larger side."""
        size = max(_bytes(change.before, self.max_bytes), _bytes(change.after, self.max_bytes))
        return Refusal("giant_file", f"{size} bytes, at most {self.max_bytes}") if size > self.max_bytes else None


def _bytes(text: str, bound: int) -> int:
    """Bytes of `text` in UTF-8; characters where these alone, or four times these, tell."""
    if len(text) > bound or len(text) * 4 <= bound or text.isascii():
        return len(text)
    return len(text.encode("utf-8", "surrogatepass"))
