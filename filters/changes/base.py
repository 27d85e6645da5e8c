"""What a filter of changes is: options of its own, and a pure answer to "why not?"."""

from abc import abstractmethod

from filters.base import Refusal
from parsers.edits import Edit
from schemas.config import Options
from schemas.records import Change


class ChangeFilter(Options):
    """Base of every such filter's options. `kind` names the filter in the configuration."""

    kind: str

    @abstractmethod
    def refuse(self, change: Change, edit: Edit) -> Refusal | None:
        """Why `change` is not kept, or None; a pure function.

        Args:
            change: the change.
            edit: the same change's lines and trees, shared with the other filters.

        Raises:
            ParseRefused: the filter needs a tree, and a side is outside the parser's bounds.
        """
