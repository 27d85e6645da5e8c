"""What an edit did, as tokens and numbers that mean the same in every language."""

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tree_sitter import Node

from parsers.edits import Edit
from parsers.syntax import Syntax
from pipeline.criterion.message import Message, message, stem

_NULL = frozenset(("None", "null", "nil", "nullptr", "NULL", "undefined"))
_SAME = {
    "and": "&&", "or": "||", "not": "!", "elif": "elseif", "elsif": "elseif", "raise": "throw", "except": "catch",
    "rescue": "catch", "ensure": "finally", "begin": "try", "True": "true", "False": "false", "def": "function",
    "func": "function", "===": "==", "!==": "!=", "unless": "if", "until": "while", "foreach": "for", "delete": "free",
}  # fmt: skip
"""Spellings of one thing in several languages."""
_AROUND = {
    "condition": "if_|conditional|ternary|unless|switch|case|when", "loop": "for_|while|do_statement|loop|until|each",
    "call": "call|invocation", "return": "return", "comparison": "binary|comparison|boolean_op", "argument": "argument",
    "parameter": "parameter", "assignment": "assign|declarator|augmented", "throw": "throw|raise",
    "handler": "try|catch|except|rescue", "index": "subscript|index|element", "pointer": "pointer|address",
    "string": "string|template", "type": "type", "member": "field|member|attribute",
    "function": "function|method|lambda|closure", "preprocessor": "preproc", "macro": "macro",
}  # fmt: skip
_PLACES = {name: re.compile(pattern) for name, pattern in _AROUND.items()}
"""What may stand around an edited leaf, by the type of the nodes above it."""
_LEVELS_UP = 4
_COMPARISONS = ("<", ">", "<=", ">=", "==", "!=")
_PIECE = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")
_NAME = re.compile(r"[A-Za-z_]\w*")
_NUMBER = re.compile(r"[\d.xXa-fA-FuUlL_]+")
_MAX_TOKEN_CHARS = 60
_COUNTED = ("if", "elseif", "else", "return", "NULL", "try", "catch", "throw", "break", "free", "for", "while")
_PLAIN = ("lines_added", "lines_removed", "lines_balance", "places", "tokens_gone", "tokens_came", "tokens_kept",
          "tokens_balance", "share_kept", "only_moved", "only_added", "only_removed", "renamed", "names_gone",
          "names_came", "comments_added", "comments_removed", "file_size", "subject_words", "body_words",
          "named_in_message")  # fmt: skip
NUMBERS = (*_PLAIN, *(f"{how}_{name}" for name in _AROUND for how in ("more", "in")),
           *(f"{how}_{name}" for name in _COUNTED for how in ("came", "gone")))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Features:
    """A change as a model sees it.

    Attributes:
        words: weight by token of the message and of the edit; prefixes tell which (`s:` subject, `f:` its first word,
            `b:` body, `+` came with the edit, `-` went with it).
        numbers: in the order of `NUMBERS`.
        message: what an encoder reads.
    """

    words: dict[str, float]
    numbers: tuple[float, ...]
    message: Message


def features(text: str, edit: Edit) -> Features:
    """Features of a change.

    Args:
        text: the commit's message.
        edit: its file's two sides.

    Raises:
        ParseRefused: a side is outside the parser's bounds.
    """
    said = message(text)
    words = {f"s:{word}": 1.0 for word in said.subject}
    words |= {f"b:{word}": 1.0 for word in said.body}
    words |= {f"f:{word}": 1.0 for word in [word for word in said.subject if word != "<id>"][:1]}
    old, comments_old = _leaves(edit.old, [hunk.before for hunk in edit.hunks])
    new, comments_new = _leaves(edit.new, [hunk.after for hunk in edit.hunks])
    before, after = Counter(_token(edit.old, n) for n in old), Counter(_token(edit.new, n) for n in new)
    gone, came = before - after, after - before
    words |= _tokens(gone, "-") | _tokens(came, "+") | _swaps(gone, came)
    numbers = _sizes(edit, before, after, gone, came)
    numbers |= {"comments_added": _log(comments_new), "comments_removed": _log(comments_old)}
    numbers |= {"subject_words": _log(len(said.subject)), "body_words": _log(len(said.body))}
    numbers["named_in_message"] = _named(text, gone, came)
    numbers |= _places(old, new)
    return Features(words, tuple(numbers[name] for name in NUMBERS), said)


def _leaves(syntax: Syntax, ranges: Iterable[tuple[int, int]]) -> tuple[list[Node], int]:
    """Leaves on the given rows, comments apart, and the number of comments there."""
    found, comments = [], 0
    for first, last in ranges:
        if first == last:
            continue
        stack = [syntax.root]
        while stack:
            node = stack.pop()
            if node.end_point[0] < first or node.start_point[0] >= last:
                continue
            if "comment" in node.type:
                comments += 1
            elif node.child_count:
                stack.extend(reversed(node.children))
            else:
                found.append(node)
    return found, comments


def _token(syntax: Syntax, node: Node) -> str:
    text = syntax.text(node)
    if len(text) > _MAX_TOKEN_CHARS:
        return "<long>"
    return "NULL" if text in _NULL else _SAME.get(text, text)


def _tokens(bag: Counter[str], sign: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for text, count in bag.items():
        if text == "NULL" or not any(map(str.isalnum, text)):
            found[f"{sign}{text}"] = 1 + math.log(count)
        elif text[0] in "\"'":
            found[f"{sign}<string>"] = 1.0
        elif _NUMBER.fullmatch(text) and text[0].isdigit():
            found[f"{sign}<{text if len(text) < 3 else 'number'}>"] = 1.0
        else:
            found |= {f"{sign}{stem(piece.lower())}": 1.0 for piece in _PIECE.findall(text)}
    return found


def _swaps(gone: Counter[str], came: Counter[str]) -> dict[str, float]:
    swaps = {f"{a} to {b}": 1.0 for a in _COMPARISONS for b in _COMPARISONS if a != b and gone[a] and came[b]}
    return swaps | ({"comparison changed": 1.0} if swaps else {})


def _sizes(
    edit: Edit, before: Counter[str], after: Counter[str], gone: Counter[str], came: Counter[str]
) -> dict[str, float]:
    added, removed = (_log(sum(1 for line in lines if line.strip())) for lines in (edit.added, edit.removed))
    kept = sum((before & after).values())
    names_gone, names_came = ([word for word in bag if _NAME.fullmatch(word)] for bag in (gone, came))
    one = len(names_gone) == len(names_came) == 1
    renamed = one and 1 < gone[names_gone[0]] == came[names_came[0]]
    numbers = {
        "lines_added": added, "lines_removed": removed, "lines_balance": added - removed,
        "places": _log(len(edit.hunks)),
        "tokens_gone": _log(gone.total()), "tokens_came": _log(came.total()), "tokens_kept": _log(kept),
        "tokens_balance": _log(came.total()) - _log(gone.total()), "share_kept": kept / (1 + before.total()),
        "only_moved": float(not gone and not came), "only_added": float(not gone), "only_removed": float(not came),
        "renamed": float(renamed), "names_gone": _log(len(names_gone)), "names_came": _log(len(names_came)),
        "file_size": _log(len(edit.before)),
    }  # fmt: skip
    counted = (("came", came), ("gone", gone))
    return numbers | {f"{how}_{word}": float(min(bag[word], 5)) for how, bag in counted for word in _COUNTED}


def _places(old: list[Node], new: list[Node]) -> dict[str, float]:
    before, after = _around(old), _around(new)
    more = {f"more_{name}": _log(after[name]) - _log(before[name]) for name in _AROUND}
    return more | {f"in_{name}": float(before[name] > 0) + float(after[name] > 0) for name in _AROUND}


def _around(nodes: list[Node]) -> Counter[str]:
    found: Counter[str] = Counter()
    for node in nodes:
        seen: set[str] = set()
        above, level = node.parent, 0
        while above is not None and level < _LEVELS_UP:
            seen.update(name for name, pattern in _PLACES.items() if pattern.search(above.type))
            above, level = above.parent, level + 1
        found.update(seen)
    return found


def _named(text: str, gone: Counter[str], came: Counter[str]) -> float:
    """Whether the message names something that the edit touches."""
    said = set(_NAME.findall(text))
    return float(any(len(word) > 3 and word in said for bag in (gone, came) for word in bag))


def _log(count: int) -> float:
    return math.log1p(count)
